import {
  type AnnouncedFile,
  HASH_LENGTH,
  type IncomingFile,
  MAX_WHOLE,
  NOT_WHAT_WAS_SENT,
  Refusal,
  type TargetFault,
  type TransferTarget,
  type WholeFile,
} from '@stt/transfer'
import { CliError, hasCode, reasonOf } from '../cli-error.ts'
import { ExitCode } from '../exit-codes.ts'
import { BLOCK, PartFile } from './part-file.ts'
import { EXISTS, NO_FILE, type TargetFolder } from './target-folder.ts'
import { SmallFile, takeWhole } from './whole-file.ts'

export interface FolderTargetOptions {
  readonly folder: TargetFolder
  /** Id of the sender's machine: parts of two senders have different names. */
  readonly sender: Uint8Array
  /** The parts that are being written, by path, and what ends the session that does. */
  readonly writers: Map<string, () => void>
  /** Ends the session of this transfer: its sender has begun anew in another. */
  readonly supersede: () => void
}

/** Where `stt receive` puts what comes: files that are written beside, read back, and get their names when they are whole. */
export class FolderTarget implements TransferTarget {
  readonly #options: FolderTargetOptions
  readonly #gathered = Buffer.allocUnsafe(BLOCK)
  /** Bytes of holes that were read back in one go. */
  #sinceRest = 0

  constructor(options: FolderTargetOptions) {
    this.#options = options
  }

  addFolder(folder: Omit<AnnouncedFile, 'size'>): void {
    this.#options.folder.addFolder(folder.path, folder)
  }

  takeWhole(file: Omit<WholeFile, 'type'>): 'done' | 'had' {
    const { folder, sender } = this.#options
    return takeWhole(folder, folder.smallPartOf(file.path, sender), file)
  }

  announce(file: AnnouncedFile, signal: AbortSignal): IncomingFile | Promise<IncomingFile> {
    const { folder, sender } = this.#options
    const target = folder.place(file.path)
    // Who puts something there meanwhile is noticed when the file gets its name.
    const isNew = folder.isNew(file.path)
    const there = isNew ? undefined : this.#lookAt(target, file)
    const part = there ?? (isNew || isSmall(file) ? undefined : this.#openPart(file))
    if (isSmall(file) && !isNew) folder.clean(file.path, sender)
    const announced = (): IncomingFile => new IncomingPart(this, file, target, part)
    if (!part) return announced()
    return part.resume(file.size, signal).then(announced, error => {
      this.release(part)
      throw error
    })
  }

  finish(onProblem: (path: string, reason: string) => void): void {
    this.#options.folder.finishFolders(onProblem)
  }

  problemOf(error: unknown): string | undefined {
    if (hasCode(error, 'ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EMFILE', 'ENFILE')) return undefined
    return error instanceof Error && 'syscall' in error ? reasonOf(error) : undefined
  }

  faultOf(error: unknown): TargetFault | undefined {
    if (!(error instanceof Error && 'syscall' in error) || hasCode(error, 'EPIPE')) return undefined
    const message = `cannot write in ${this.#options.folder.root}: ${reasonOf(error)}`
    return {
      reason: `its disk: ${reasonOf(error)}`,
      error: new CliError(ExitCode.failed, message, { cause: error }),
    }
  }

  get folder(): TargetFolder {
    return this.#options.folder
  }

  /** The part of a file, for writing. Whoever writes it in another session is of a sender that has begun anew. */
  claim({ path }: AnnouncedFile): PartFile {
    const { folder, sender } = this.#options
    return this.#claim(folder.partOf(path, sender))
  }

  release(part: PartFile): void {
    const { writers, supersede } = this.#options
    part.close()
    if (writers.get(part.path) === supersede) writers.delete(part.path)
  }

  /** A few bytes on the wire are a MiB to be read back: packets and signals have their turn in between. */
  async rest(length: number): Promise<void> {
    this.#sinceRest += length
    if (this.#sinceRest < MOST_WITHOUT_REST) return
    this.#sinceRest = 0
    await new Promise(setImmediate)
  }

  /** A file that is there under the name, to be compared. @throws Refusal */
  #lookAt(target: string, { path, size }: AnnouncedFile): PartFile | undefined {
    const { folder, sender } = this.#options
    const found = folder.look(target)
    if (!found) return undefined
    if (!found.isFile()) throw new Refusal(NO_FILE)
    if (found.size === size) {
      if (size > MAX_WHOLE) folder.removeNamed(folder.partOf(path, sender), found)
      return new PartFile(target, folder.openKept(target), this.#gathered)
    }
    if (!folder.overwrites) throw new Refusal(EXISTS)
    return undefined
  }

  /** What an earlier run left of it; nothing is made before something comes. */
  #openPart(file: AnnouncedFile): PartFile | undefined {
    const { folder, sender } = this.#options
    const path = folder.partOf(file.path, sender)
    return folder.look(path) ? this.#claim(path) : undefined
  }

  #claim(path: string): PartFile {
    const { folder, writers, supersede } = this.#options
    const writer = writers.get(path)
    if (writer === supersede) throw new Refusal('it is being sent already')
    writer?.()
    const part = new PartFile(path, folder.openPart(path), this.#gathered)
    writers.set(path, supersede)
    return part
  }
}

class IncomingPart implements IncomingFile {
  readonly offset: number
  readonly hash: Uint8Array
  readonly isThere: boolean
  readonly #target: FolderTarget
  readonly #file: AnnouncedFile
  /** Where it is to be. */
  readonly #place: string
  /** The file that is there, or its part. */
  #part: PartFile | undefined
  /** What came of a small one, which is written once it is whole. */
  #memory: SmallFile | undefined

  constructor(target: FolderTarget, file: AnnouncedFile, place: string, part: PartFile | undefined) {
    this.#target = target
    this.#file = file
    this.#place = place
    this.#part = part
    this.isThere = part?.path === place
    this.offset = part?.length ?? 0
    this.hash = part?.hash ?? NO_HASH
    // Of what is there already nothing is written; of what is new nothing is there yet.
    if (this.isThere) part!.close()
  }

  get kept(): boolean {
    return this.isThere && !this.#target.folder.overwrites
  }

  start(offset: number): void {
    if (this.kept) throw new Refusal(EXISTS)
    if (isSmall(this.#file)) {
      // Of what is there nothing is taken over.
      if (offset !== 0) throw new Refusal(NOT_WHAT_WAS_SENT)
      this.#part = undefined
      this.#memory = new SmallFile(this.#file.size)
      return
    }
    if (this.isThere || !this.#part) this.#part = this.#target.claim(this.#file)
    if (offset === 0) this.#part.restart()
  }

  write(bytes: Uint8Array): void {
    ;(this.#memory ?? this.#part!).write(bytes)
  }

  hole(length: number): Promise<void> {
    ;(this.#memory ?? this.#part!).hole(length)
    return this.#target.rest(length)
  }

  end(hash: Uint8Array): 'received' | 'same' {
    const part = this.#part
    if (!part) {
      // Of an empty one nothing came.
      this.#target.takeWhole({ ...this.#file, hash, bytes: this.#memory?.bytes ?? NOTHING })
      return 'received'
    }
    const isSame = part.path === this.#place
    if (!isSame) part.flush()
    if (!Buffer.from(part.hash).equals(hash)) {
      if (!isSame) part.remove()
      throw new Refusal(NOT_WHAT_WAS_SENT)
    }
    if (isSame) return 'same'
    part.complete(this.#file.mode, this.#file.modified)
    this.#target.folder.finish(part.path, this.#place)
    return 'received'
  }

  close(): void {
    if (!this.#part) return
    try {
      this.#part.flush()
    } catch {
      // A disk that is full, as has been told: what was written before stays.
    }
    this.#target.release(this.#part)
  }
}

/** It is written in one go, from memory. */
const isSmall = ({ size }: AnnouncedFile): boolean => size <= MAX_WHOLE

const NOTHING = new Uint8Array(0)
const NO_HASH = new Uint8Array(HASH_LENGTH)
const MOST_WITHOUT_REST = 4_194_304
