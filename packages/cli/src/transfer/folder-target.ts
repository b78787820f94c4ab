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
  /** Id of the sender's machine, so that parts of two senders have different names. */
  readonly sender: Uint8Array
  /** The parts that are being written, by path, each with the function that ends its session. */
  readonly writers: Map<string, () => void>
  /** Ends the session of this transfer, because its sender has begun again in another one. */
  readonly supersede: () => void
}

/** The target of `stt receive`: writes each file under another name, reads it back, and renames it when it is complete. */
export class FolderTarget implements TransferTarget {
  readonly #options: FolderTargetOptions
  readonly #gathered = Buffer.allocUnsafe(BLOCK)
  /** Bytes of holes that were read back without a pause. */
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
    // A file that appears there meanwhile is noticed when this one gets its name.
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

  /** Opens the part of a file for writing. If another session writes it, its sender has begun again, and that session ends. */
  claim({ path }: AnnouncedFile): PartFile {
    const { folder, sender } = this.#options
    return this.#claim(folder.partOf(path, sender))
  }

  release(part: PartFile): void {
    const { writers, supersede } = this.#options
    part.close()
    if (writers.get(part.path) === supersede) writers.delete(part.path)
  }

  /** Pauses after holes: a few bytes on the wire make it read back a MiB, and packets and signals need their turn. */
  async rest(length: number): Promise<void> {
    this.#sinceRest += length
    if (this.#sinceRest < MOST_WITHOUT_REST) return
    this.#sinceRest = 0
    await new Promise(setImmediate)
  }

  /** Opens the file that has the name already, to compare it. @throws Refusal */
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

  /** Opens the part that an earlier run left, and makes none before data comes. */
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
  /** The path of the complete file. */
  readonly #place: string
  /** The file that is there, or its part. */
  #part: PartFile | undefined
  /** The bytes of a small file so far, which is written once it is complete. */
  #memory: SmallFile | undefined

  constructor(target: FolderTarget, file: AnnouncedFile, place: string, part: PartFile | undefined) {
    this.#target = target
    this.#file = file
    this.#place = place
    this.#part = part
    this.isThere = part?.path === place
    this.offset = part?.length ?? 0
    this.hash = part?.hash ?? NO_HASH
    // A file that is there already is not written, and a new one has no bytes yet.
    if (this.isThere) part!.close()
  }

  get kept(): boolean {
    return this.isThere && !this.#target.folder.overwrites
  }

  start(offset: number): void {
    if (this.kept) throw new Refusal(EXISTS)
    if (isSmall(this.#file)) {
      // The bytes that are there are not used.
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
      // An empty file has no data, so `start` was not called for it.
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
      // The disk is full, which was reported; the bytes that were written before stay.
    }
    this.#target.release(this.#part)
  }
}

/** Whether a file is kept in memory until it is complete, and then written at once. */
const isSmall = ({ size }: AnnouncedFile): boolean => size <= MAX_WHOLE

const NOTHING = new Uint8Array(0)
const NO_HASH = new Uint8Array(HASH_LENGTH)
const MOST_WITHOUT_REST = 4_194_304
