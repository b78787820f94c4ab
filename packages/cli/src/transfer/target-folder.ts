import {
  chmodSync,
  closeSync,
  constants,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  type Stats,
  unlinkSync,
  utimesSync,
} from 'node:fs'
import { phe, toHex } from '@stt/crypto'
import { MAX_DEPTH, nameProblem, pathProblem, Refusal } from '@stt/transfer'
import { hasCode, reasonOf } from '../cli-error.ts'

/**
 * The folder that receives files. No file outside of it is touched: each component of a path has to be a folder and no symbolic
 * link, and files are opened without following links.
 */
export class TargetFolder {
  readonly root: string
  readonly #overwrite: boolean
  readonly #isWindows: boolean
  /** Folders that were checked, by path. */
  readonly #folders = new Map<string, Folder>()
  /** Characters of their paths together. */
  #characters = 0
  #smallPart: string | undefined

  constructor(root: string, overwrite: boolean, isWindows: boolean = process.platform === 'win32') {
    this.root = root
    this.#overwrite = overwrite
    this.#isWindows = isWindows
  }

  /**
   * Adds a folder of the sender. It gets its mode at once, so it is right even if this run is killed and continued. Its time is set
   * at the end, after its last file.
   *
   * @throws Refusal
   */
  addFolder(path: string, { mode, modified }: { readonly mode: number; readonly modified: number }): void {
    this.#check(path)
    const folder = this.#makeFolder(path)
    this.#setMode(this.#at(path), mode, folder.isNew)
    if (!this.#folders.has(path)) throw new Refusal(TOO_MANY)
    folder.modified = modified
  }

  /** Gives the place for the file of this path, and makes its folder. @throws Refusal */
  place(path: string): string {
    const cut = path.lastIndexOf('/')
    const folder = path.slice(0, Math.max(cut, 0))
    // For thousands of files in one folder, it is checked once.
    const isKnown = this.#folders.has(folder) && folder.split('/').length < MAX_DEPTH
    if (isKnown) refuseFor(nameProblem(path.slice(cut + 1), this.#isWindows))
    else this.#check(path)
    if (cut > 0) this.#makeFolder(folder)
    return this.#at(path)
  }

  /** Name of an incomplete file: the same for the same path of the same sender. */
  partOf(path: string, sender: Uint8Array): string {
    return this.#beside(path, partName(phe.digest('cli part', sender, utf8.encode(path))))
  }

  /**
   * Name of a small file while it is written: the same for all files, because they are written one at a time. Another root gives
   * another name, so two processes that receive into nested folders do not collide.
   */
  smallPartOf(path: string, sender: Uint8Array): string {
    this.#smallPart ??= partName(phe.digest('cli small part', sender, utf8.encode(this.root)))
    return this.#beside(path, this.#smallPart)
  }

  /** Removes the part of a small file that a killed run left in the folder of this path. */
  clean(path: string, sender: Uint8Array): void {
    const folder = path.slice(0, Math.max(path.lastIndexOf('/'), 0))
    const known = this.#folders.get(folder) ?? this.#remember(folder, false)
    if (known.isClean) return
    const part = this.smallPartOf(path, sender)
    if (this.look(part)?.isFile()) unlinkSync(part)
    known.isClean = true
  }

  /** The status of a file; undefined if it does not exist. */
  look(path: string): Stats | undefined {
    return lstatSync(path, { throwIfNoEntry: false })
  }

  /** Whether this transfer made the folder of this path, which then was empty. */
  isNew(path: string): boolean {
    return this.#folders.get(path.slice(0, Math.max(path.lastIndexOf('/'), 0)))?.isNew === true
  }

  get overwrites(): boolean {
    return this.#overwrite
  }

  /** Opens a part to continue it. @throws Refusal if its name belongs to something else */
  openPart(part: string): number {
    const flags = constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0)
    try {
      return openSync(part, flags | constants.O_EXCL, 0o600)
    } catch (cause) {
      if (!hasCode(cause, 'EEXIST')) throw cause
    }
    const found = this.look(part)
    // This is a link: it is removed, and its target stays as it is.
    if (found && (found.isSymbolicLink() || (found.isFile() && found.nlink > 1))) unlinkSync(part)
    else if (found && !found.isFile()) throw new Refusal(NO_PART)
    return openSync(part, flags, 0o600)
  }

  /** Makes a part, and replaces that of an earlier run. @throws Refusal if its name belongs to something else */
  createPart(part: string): number {
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL
    try {
      return openSync(part, flags, 0o600)
    } catch (cause) {
      if (!hasCode(cause, 'EEXIST')) throw cause
    }
    if (this.look(part)?.isDirectory()) throw new Refusal(NO_PART)
    // A link is removed, and its target stays as it is.
    unlinkSync(part)
    return openSync(part, flags, 0o600)
  }

  /** Opens a complete file for reading. */
  openKept(target: string): number {
    return openSync(target, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
  }

  /** Gives a complete part its name. @throws Refusal if the name is taken */
  finish(part: string, target: string): void {
    if (this.#overwrite) {
      const found = this.look(target)
      if (found && !found.isFile()) throw new Refusal(NO_FILE)
      renameSync(part, target)
      return
    }
    try {
      // Only a hard link never takes the name from another file.
      linkSync(part, target)
    } catch (cause) {
      if (hasCode(cause, 'EEXIST')) throw new Refusal(EXISTS)
      if (!hasCode(cause, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK')) throw cause
      reserve(target)
      renameSync(part, target)
      return
    }
    unlinkSync(part)
  }

  /** Removes the part of a file that has its name: an earlier run was killed in between. */
  removeNamed(part: string, named: Stats): void {
    if (named.nlink < 2) return
    const found = this.look(part)
    if (found && found.ino === named.ino && found.dev === named.dev) unlinkSync(part)
  }

  /** Sets the sender's times on the folders. @param onProblem called for each folder where this fails */
  finishFolders(onProblem: (path: string, reason: string) => void): void {
    for (const [path, { modified }] of this.#folders) {
      if (modified === undefined) continue
      const place = this.#at(path)
      try {
        if (this.look(place)?.isDirectory()) utimesSync(place, modified / 1_000, modified / 1_000)
      } catch (cause) {
        onProblem(path, `its time was not set: ${reasonOf(cause)}`)
      }
    }
  }

  #check(path: string): void {
    refuseFor(pathProblem(path, this.#isWindows))
  }

  /** The full path of a checked path; Windows takes `/` too. */
  #at(path: string): string {
    return `${this.root}/${path}`
  }

  /** The full path of another name in the folder of a path. */
  #beside(path: string, name: string): string {
    return this.#at(path.slice(0, path.lastIndexOf('/') + 1) + name)
  }

  #makeFolder(path: string): Folder {
    const known = this.#folders.get(path)
    if (known) return known
    const cut = path.lastIndexOf('/')
    if (cut > 0) this.#makeFolder(path.slice(0, cut))
    return this.#remember(path, this.#make(this.#at(path)))
  }

  /** Makes a folder. @returns false if it exists. @throws Refusal if something else has its name */
  #make(place: string): boolean {
    try {
      mkdirSync(place)
      return true
    } catch (cause) {
      if (!hasCode(cause, 'EEXIST')) throw cause
      if (!this.look(place)?.isDirectory()) throw new Refusal(NO_FOLDER)
      return false
    }
  }

  /** Remembers a checked folder. Without room for more, folders are checked each time. */
  #remember(path: string, isNew: boolean): Folder {
    const folder: Folder = { isNew, isClean: false }
    if (this.#folders.size < MAX_FOLDERS && this.#characters + path.length <= MAX_CHARACTERS) {
      this.#characters += path.length
      this.#folders.set(path, folder)
    }
    return folder
  }

  /** Sets a folder's mode, in which its owner can still write. A folder that existed gets no new rights. @throws Refusal */
  #setMode(place: string, mode: number, isNew: boolean): void {
    const found = this.look(place)
    if (!found?.isDirectory()) throw new Refusal(NO_FOLDER)
    const has = found.mode & 0o7777
    const wanted = (mode & 0o777) | 0o700
    // Bits beyond rwxrwxrwx stay: a folder without its sticky bit would give others more rights.
    const next = isNew ? wanted : has & (wanted | 0o7000)
    if (next === has) return
    try {
      chmodSync(place, next)
    } catch (cause) {
      throw new Refusal(`its mode was not set: ${reasonOf(cause)}`, { cause })
    }
  }
}

interface Folder {
  /** Whether this transfer made the folder. */
  readonly isNew: boolean
  /** Whether old parts of small files were removed from it. */
  isClean: boolean
  /** The sender's time, in milliseconds since 1970; undefined if it has not announced the folder. */
  modified?: number
}

function refuseFor(problem: string | undefined): void {
  if (problem !== undefined) throw new Refusal(problem)
}

const partName = (digest: Uint8Array): string => `.stt-${toHex(digest.subarray(0, 10))}.part`

/** For disks without hard links: an empty file reserves the name until the part replaces it. */
function reserve(target: string): void {
  try {
    closeSync(openSync(target, 'wx', 0o600))
  } catch (cause) {
    throw hasCode(cause, 'EEXIST') ? new Refusal(EXISTS) : cause
  }
}

export const EXISTS = 'a file of that name is there already (--overwrite replaces it)'
const NO_FOLDER = 'what should be its folder is none here, or a symbolic link'
const NO_PART = 'something that is no file is in the place of its part'
export const NO_FILE = 'something that is no file has its name'
const utf8 = new TextEncoder()
/** The most folders that are remembered; more can be made. */
const MAX_FOLDERS = 100_000
/** The most characters of all remembered paths. */
const MAX_CHARACTERS = 16 * 1_048_576
const TOO_MANY = 'its time is not set: there are more folders than are remembered; send fewer at a time'
