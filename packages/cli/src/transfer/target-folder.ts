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
 * The folder that files are received in. Nothing outside of it is touched: each component of a path is a folder that is no
 * symbolic link, and files are opened without following one.
 */
export class TargetFolder {
  readonly root: string
  readonly #overwrite: boolean
  readonly #isWindows: boolean
  /** Those that were found to be folders, by path. */
  readonly #folders = new Map<string, Folder>()
  /** Of their paths. */
  #characters = 0
  #smallPart: string | undefined

  constructor(root: string, overwrite: boolean, isWindows: boolean = process.platform === 'win32') {
    this.root = root
    this.#overwrite = overwrite
    this.#isWindows = isWindows
  }

  /**
   * A folder of the sender's. It has its mode from now on, so that a run which goes on after one that was killed finds it; its
   * time is set at the end, when nothing is put into it any more.
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

  /** Where the file of this path is to be, whose folder is there then. @throws Refusal */
  place(path: string): string {
    const cut = path.lastIndexOf('/')
    const folder = path.slice(0, Math.max(cut, 0))
    // Of thousands in one folder that one is looked at once.
    const isKnown = this.#folders.has(folder) && folder.split('/').length < MAX_DEPTH
    if (isKnown) refuseFor(nameProblem(path.slice(cut + 1), this.#isWindows))
    else this.#check(path)
    if (cut > 0) this.#makeFolder(folder)
    return this.#at(path)
  }

  /** What a file is called until it is whole: the same for the same path of the same sender. */
  partOf(path: string, sender: Uint8Array): string {
    return this.#beside(path, partName(phe.digest('cli part', sender, utf8.encode(path))))
  }

  /**
   * What a small file is called for the moment in which it is written: the same for all of a folder, as there is one at a time.
   * Another root has other names: two that receive below each other's do not meet.
   */
  smallPartOf(path: string, sender: Uint8Array): string {
    this.#smallPart ??= partName(phe.digest('cli small part', sender, utf8.encode(this.root)))
    return this.#beside(path, this.#smallPart)
  }

  /** Removes what a run that was killed left of a small file, in the folder of this path. */
  clean(path: string, sender: Uint8Array): void {
    const folder = path.slice(0, Math.max(path.lastIndexOf('/'), 0))
    const known = this.#folders.get(folder) ?? this.#remember(folder, false)
    if (known.isClean) return
    const part = this.smallPartOf(path, sender)
    if (this.look(part)?.isFile()) unlinkSync(part)
    known.isClean = true
  }

  /** What is at a place; undefined where nothing is. */
  look(path: string): Stats | undefined {
    return lstatSync(path, { throwIfNoEntry: false })
  }

  /** Whether the folder of this path was made by this transfer: there was nothing in it then. */
  isNew(path: string): boolean {
    return this.#folders.get(path.slice(0, Math.max(path.lastIndexOf('/'), 0)))?.isNew === true
  }

  get overwrites(): boolean {
    return this.#overwrite
  }

  /** Opens a part for going on. @throws Refusal where something else has its name */
  openPart(part: string): number {
    const flags = constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0)
    try {
      return openSync(part, flags | constants.O_EXCL, 0o600)
    } catch (cause) {
      if (!hasCode(cause, 'EEXIST')) throw cause
    }
    const found = this.look(part)
    // A link that somebody put there: the link goes, what it leads to stays as it is.
    if (found && (found.isSymbolicLink() || (found.isFile() && found.nlink > 1))) unlinkSync(part)
    else if (found && !found.isFile()) throw new Refusal(NO_PART)
    return openSync(part, flags, 0o600)
  }

  /** Makes a part, in the place of whatever an earlier run left of one. @throws Refusal where something else has its name */
  createPart(part: string): number {
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL
    try {
      return openSync(part, flags, 0o600)
    } catch (cause) {
      if (!hasCode(cause, 'EEXIST')) throw cause
    }
    if (this.look(part)?.isDirectory()) throw new Refusal(NO_PART)
    // A link goes, and what it leads to stays as it is.
    unlinkSync(part)
    return openSync(part, flags, 0o600)
  }

  /** Opens a file that has its name already, for reading. */
  openKept(target: string): number {
    return openSync(target, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
  }

  /** Gives a whole part its name. @throws Refusal where that is taken */
  finish(part: string, target: string): void {
    if (this.#overwrite) {
      const found = this.look(target)
      if (found && !found.isFile()) throw new Refusal(NO_FILE)
      renameSync(part, target)
      return
    }
    try {
      // Of all ways to give a name only this one never takes it from another file.
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

  /** Removes the part of a file that has got its name, where who gave it was killed before he could. */
  removeNamed(part: string, named: Stats): void {
    if (named.nlink < 2) return
    const found = this.look(part)
    if (found && found.ino === named.ino && found.dev === named.dev) unlinkSync(part)
  }

  /** Gives the folders the times of the sender's. @param onProblem is told of one that keeps its own, and why */
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

  /** A path that was checked; Windows takes `/` too. */
  #at(path: string): string {
    return `${this.root}/${path}`
  }

  /** Another name in the folder of a path. */
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

  /** @returns whether it was not there before. @throws Refusal where something else is */
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

  /** One that there is no room for is looked at each time. */
  #remember(path: string, isNew: boolean): Folder {
    const folder: Folder = { isNew, isClean: false }
    if (this.#folders.size < MAX_FOLDERS && this.#characters + path.length <= MAX_CHARACTERS) {
      this.#characters += path.length
      this.#folders.set(path, folder)
    }
    return folder
  }

  /** Its owner can go on working in it. One that was there before gets no right that it has not. @throws Refusal */
  #setMode(place: string, mode: number, isNew: boolean): void {
    const found = this.look(place)
    if (!found?.isDirectory()) throw new Refusal(NO_FOLDER)
    const has = found.mode & 0o7777
    const wanted = (mode & 0o777) | 0o700
    // What is beyond rwxrwxrwx stays: without its sticky bit a folder gives others more rights.
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
  /** Whether this transfer has made it. */
  readonly isNew: boolean
  /** Whether no part of a small file can be in it any more. */
  isClean: boolean
  /** The sender's, in milliseconds since 1970, where it has said one. */
  modified?: number
}

function refuseFor(problem: string | undefined): void {
  if (problem !== undefined) throw new Refusal(problem)
}

const partName = (digest: Uint8Array): string => `.stt-${toHex(digest.subarray(0, 10))}.part`

/** For disks without hard links: an empty file keeps the name until the part takes its place. */
function reserve(target: string): void {
  try {
    closeSync(openSync(target, 'wx', 0o600))
  } catch (cause) {
    throw hasCode(cause, 'EEXIST') ? new Refusal(EXISTS) : cause
  }
}

export const EXISTS = 'a file of that name is there already, with other content (--overwrite replaces it)'
const NO_FOLDER = 'what should be its folder is none here, or a symbolic link'
const NO_PART = 'something that is no file is in the place of its part'
export const NO_FILE = 'something that is no file has its name'
const utf8 = new TextEncoder()
/** More are made too, but not remembered. */
const MAX_FOLDERS = 100_000
/** Of the paths of all that are remembered. */
const MAX_CHARACTERS = 16 * 1_048_576
const TOO_MANY = 'its time is not set: there are more folders than are remembered; send fewer at a time'
