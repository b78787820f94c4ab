import { CliError, hasCode, reasonOf } from '../cli-error.ts'
import { ExitCode } from '../exit-codes.ts'
import { Outbox, type TransferStream } from './outbox.ts'
import { BLOCK, PartFile } from './part-file.ts'
import { MessageReader } from './protocol/message-reader.ts'
import {
  HASH_LENGTH,
  MAX_UNANSWERED,
  MAX_WHOLE,
  type Message,
  type SenderMessage,
  VERSION,
  type WholeFile,
} from './protocol/messages.ts'
import { TransferProtocolError } from './protocol/protocol-error.ts'
import { ReceiverRules } from './protocol/receiver-rules.ts'
import { EXISTS, NO_FILE, Refusal, type TargetFolder } from './target-folder.ts'
import { NOT_WHAT_WAS_SENT, SmallFile, takeWhole } from './whole-file.ts'

/** What the receiving end tells while it works. Paths are the sender's: not to be printed as they are. */
export interface ReceiveEvents {
  onBegin(files: number, bytes: number): void
  /** A file is whole, was there already, or was not taken. */
  onFile(path: string, size: number, outcome: 'received' | 'same' | 'refused', reason?: string): void
  /** Bytes of the total that are here, whether they came now or before. */
  onProgress(bytes: number): void
  /** Bytes of files that came over the wire. */
  onReceived(bytes: number): void
}

export interface ReceiveOptions {
  readonly folder: TargetFolder
  /** Id of the sender's machine: parts of two senders have different names. */
  readonly sender: Uint8Array
  readonly signal: AbortSignal
  readonly events: ReceiveEvents
  /** The parts that are being written, by path, and what ends the session that does. */
  readonly writers: Map<string, () => void>
  /** Ends the session of this transfer: its sender has begun anew in another. */
  readonly supersede: () => void
}

type FileMessage = Extract<SenderMessage, { type: 'file' }>

interface Pending extends FileMessage {
  readonly target: string
  readonly part: PartFile | undefined
  /** What came of a small one, which is written once it is whole. */
  readonly memory?: SmallFile
  /** Why nothing of it is kept, from when something went wrong. */
  problem?: string
}

/**
 * Receives one transfer over a stream. Resolves when the sender has said that this was all, and everything has been answered.
 *
 * Rejects with a CliError where this side cannot go on, which the sender is told; with a TransferProtocolError where the sender
 * may not; with what the stream gives where the session ends. What is there of a file then stays for the next time.
 */
export async function receiveTransfer(stream: TransferStream, options: ReceiveOptions): Promise<void> {
  const transfer = new ReceiveTransfer(stream, options)
  try {
    await transfer.run()
  } finally {
    transfer.close()
  }
}

class ReceiveTransfer {
  readonly #stream: TransferStream
  readonly #options: ReceiveOptions
  readonly #outbox: Outbox
  readonly #rules = new ReceiverRules()
  readonly #pending = new Map<number, Pending>()
  readonly #gathered = Buffer.allocUnsafe(BLOCK)
  #current: Pending | undefined
  /** Files that were settled and not answered yet. */
  #last: { readonly type: 'done' | 'had'; readonly id: number; count: number } | undefined
  #progress = 0
  /** Bytes of holes that were read back in one go. */
  #sinceRest = 0

  constructor(stream: TransferStream, options: ReceiveOptions) {
    this.#stream = stream
    this.#options = options
    this.#outbox = new Outbox(stream)
  }

  async run(): Promise<void> {
    const reader = new MessageReader()
    const { signal, events } = this.#options
    try {
      for await (const chunk of this.#stream) {
        this.#outbox.hold()
        for (const message of reader.read(chunk)) {
          signal.throwIfAborted()
          const id = this.#rules.check(message)
          if (message.type === 'whole') {
            this.#whole(id!, message)
            continue
          }
          if (message.type === 'data') events.onReceived(message.bytes.length)
          this.#answerSettled()
          await this.#handle(message, id)
        }
        this.#answerSettled()
        this.#outbox.release()
        await this.#outbox.room()
        events.onProgress(this.#progress)
        if (this.#rules.isComplete) break
      }
      if (!this.#rules.isComplete) throw new CliError(ExitCode.failed, 'the sender left before everything was there')
      this.#options.folder.finishFolders((path, reason) => events.onFile(path, 0, 'refused', reason))
      this.#outbox.send({ type: 'finished' })
      await this.#outbox.flushed()
    } catch (error) {
      throw await this.#failed(error)
    }
  }

  /** Closes what is open: what was written stays. */
  close(): void {
    try {
      this.#current?.part?.flush()
    } catch {
      // A disk that is full, as has been told: what was written before stays.
    }
    for (const { part } of this.#pending.values()) this.#release(part)
    this.#pending.clear()
  }

  async #handle(message: Message, id: number | undefined): Promise<void> {
    switch (message.type) {
      case 'begin':
        if (message.version !== VERSION) {
          throw new CliError(ExitCode.failed, `the sender speaks version ${message.version} of the transfer, this side ${VERSION}: install the later stt on both`) // biome-ignore format: one line
        }
        this.#options.events.onBegin(message.files, message.bytes)
        return this.#outbox.send({ type: 'ready', version: VERSION })
      case 'folder':
        return this.#folder(message)
      case 'file':
        return this.#announced(id!, message)
      case 'from':
        return this.#start(message)
      case 'data':
        return this.#grow(message.bytes.length, to => to.write(message.bytes))
      case 'hole':
        this.#grow(message.length, to => to.hole(message.length))
        return this.#rest(message.length)
      case 'end':
        return this.#end(message)
      case 'give-up':
        return this.#giveUp(message)
    }
  }

  /** A small file, from its announcement to its answer. */
  #whole(id: number, message: WholeFile): void {
    const { folder, sender, events } = this.#options
    const { path, bytes } = message
    events.onReceived(bytes.length)
    this.#advance(bytes.length)
    try {
      const outcome = takeWhole(folder, folder.smallPartOf(path, sender), message)
      this.#settled(id, outcome)
      events.onFile(path, bytes.length, outcome === 'had' ? 'same' : 'received')
    } catch (error) {
      this.#answerSettled()
      this.#refuse(id, { path, size: bytes.length }, this.#refusalOf(error))
    }
  }

  /** Answers of files that follow one another go as one. */
  #settled(id: number, type: 'done' | 'had'): void {
    const last = this.#last
    if (last?.type === type && last.id + last.count === id && last.count < MAX_UNANSWERED) last.count++
    else {
      this.#answerSettled()
      this.#last = { type, id, count: 1 }
    }
  }

  #answerSettled(): void {
    if (this.#last) this.#outbox.send(this.#last)
    this.#last = undefined
  }

  #folder(message: Extract<SenderMessage, { type: 'folder' }>): void {
    try {
      this.#options.folder.addFolder(message.path, message)
    } catch (error) {
      // What is in it is refused by itself.
      this.#options.events.onFile(message.path, 0, 'refused', this.#refusalOf(error))
    }
  }

  async #announced(id: number, file: FileMessage): Promise<void> {
    const { signal } = this.#options
    try {
      const target = this.#options.folder.place(file.path)
      // Who puts something there meanwhile is noticed when the file gets its name.
      const isNew = this.#options.folder.isNew(file.path)
      const kept = isNew ? undefined : this.#lookAt(target, file)
      const part = kept ?? (isNew || isSmall(file) ? undefined : this.#openPart(file))
      if (isSmall(file) && !isNew) this.#options.folder.clean(file.path, this.#options.sender)
      if (part) {
        // That may take long, and what was said before is not to wait for it.
        this.#outbox.release()
        await part.resume(file.size, signal)
        this.#outbox.hold()
      }
      this.#pending.set(id, { ...file, target, part })
      const offset = part?.length ?? 0
      if (!kept) this.#advance(offset)
      this.#rules.offered(id, offset)
      this.#outbox.send({
        type: 'want',
        id,
        offset,
        kept: kept !== undefined && !this.#options.folder.overwrites,
        hash: part?.hash ?? NO_HASH,
      })
      // Of what is there already nothing is written; of what is new nothing is there yet.
      if (kept) kept.close()
    } catch (error) {
      this.#rules.settled(id)
      this.#refuse(id, file, this.#refusalOf(error))
    }
  }

  /** A file that is there under the name, to be compared. @throws Refusal */
  #lookAt(target: string, { path, size }: FileMessage): PartFile | undefined {
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
  #openPart(file: FileMessage): PartFile | undefined {
    const { folder, sender } = this.#options
    const path = folder.partOf(file.path, sender)
    return folder.look(path) ? this.#claim(path) : undefined
  }

  /** Opens a part. Whoever writes it in another session is of a sender that has begun anew. */
  #claim(path: string): PartFile {
    const { folder, writers, supersede } = this.#options
    this.#leaveToMe(path)
    const part = new PartFile(path, folder.openPart(path), this.#gathered)
    writers.set(path, supersede)
    return part
  }

  /** Nobody else writes a part from now on. @throws Refusal where this transfer does already */
  #leaveToMe(path: string): void {
    const { writers, supersede } = this.#options
    const writer = writers.get(path)
    if (writer === supersede) throw new Refusal('it is being sent already')
    writer?.()
  }

  #start({ id, offset }: Extract<SenderMessage, { type: 'from' }>): void {
    const file = this.#pending.get(id)!
    this.#current = file
    try {
      const isKept = file.part?.path === file.target
      if (isKept && !this.#options.folder.overwrites) throw new Refusal(EXISTS)
      if (isSmall(file)) {
        // Of what is kept nothing is taken over.
        if (offset !== 0) throw new Refusal(NOT_WHAT_WAS_SENT)
        this.#current = { ...file, part: undefined, memory: new SmallFile(file.size) }
        this.#pending.set(id, this.#current)
        return
      }
      const path = this.#options.folder.partOf(file.path, this.#options.sender)
      const part = isKept || !file.part ? this.#claim(path) : file.part
      if (!isKept) this.#advance(offset - (file.part?.length ?? 0))
      this.#current = { ...file, part }
      this.#pending.set(id, this.#current)
      if (offset === 0) part.restart()
    } catch (error) {
      this.#current.problem = this.#refusalOf(error)
    }
  }

  #grow(length: number, write: (to: PartFile | SmallFile) => void): void {
    this.#advance(length)
    const file = this.#current!
    if (file.problem !== undefined) return
    try {
      write(file.memory ?? file.part!)
    } catch (error) {
      file.problem = this.#refusalOf(error)
    }
  }

  /** A few bytes on the wire are a MiB to be read back: packets and signals have their turn in between. */
  async #rest(length: number): Promise<void> {
    this.#sinceRest += length
    if (this.#sinceRest < MOST_WITHOUT_REST) return
    this.#sinceRest = 0
    await new Promise(setImmediate)
  }

  #end({ id, hash }: Extract<SenderMessage, { type: 'end' }>): void {
    const file = this.#pending.get(id)!
    this.#pending.delete(id)
    this.#current = undefined
    const { events } = this.#options
    const { part } = file
    if (file.problem !== undefined) {
      this.#release(part)
      return this.#refuse(id, file, file.problem)
    }
    const isKept = part?.path === file.target
    try {
      if (!part) {
        const { folder, sender } = this.#options
        // Of an empty one nothing came.
        takeWhole(folder, folder.smallPartOf(file.path, sender), {
          ...file,
          hash,
          bytes: file.memory?.bytes ?? NOTHING,
        })
        this.#settled(id, 'done')
        events.onFile(file.path, file.size, 'received')
        return
      }
      if (!isKept) part.flush()
      if (!Buffer.from(part.hash).equals(hash)) {
        if (!isKept) part.remove()
        throw new Refusal(NOT_WHAT_WAS_SENT)
      }
      if (isKept) this.#advance(file.size)
      else {
        part.complete(file.mode, file.modified)
        this.#options.folder.finish(part.path, file.target)
      }
      this.#release(part)
      this.#settled(id, 'done')
      events.onFile(file.path, file.size, isKept ? 'same' : 'received')
    } catch (error) {
      this.#release(part)
      this.#refuse(id, file, this.#refusalOf(error))
    }
  }

  #giveUp({ id, reason }: Extract<SenderMessage, { type: 'give-up' }>): void {
    const file = this.#pending.get(id)!
    this.#pending.delete(id)
    this.#current = undefined
    // Only what changed while it was sent is of no use the next time.
    if (file.part && file.part.path !== file.target) {
      file.part.flush()
      this.#release(file.part)
    }
    this.#options.events.onFile(file.path, file.size, 'refused', reason)
  }

  #refuse(id: number, { path, size }: Pick<FileMessage, 'path' | 'size'>, reason: string): void {
    this.#outbox.send({ type: 'refused', id, reason })
    this.#options.events.onFile(path, size, 'refused', reason)
  }

  /** Why one file is not taken. What concerns all of them ends the transfer. */
  #refusalOf(error: unknown): string {
    if (error instanceof Refusal) return error.message
    if (hasCode(error, 'ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EMFILE', 'ENFILE')) throw error
    if (error instanceof Error && 'syscall' in error) return reasonOf(error)
    throw error
  }

  #release(part: PartFile | undefined): void {
    part?.close()
    if (part && this.#options.writers.get(part.path) === this.#options.supersede)
      this.#options.writers.delete(part.path)
  }

  #advance(bytes: number): void {
    this.#progress += bytes
  }

  /** Tells the sender why this side does not go on, where it is this side. */
  async #failed(error: unknown): Promise<unknown> {
    const isDisk = error instanceof Error && 'syscall' in error && !hasCode(error, 'EPIPE')
    const own = isDisk ? new CliError(ExitCode.failed, `cannot write in ${this.#options.folder.root}: ${reasonOf(error)}`, { cause: error }) : error // biome-ignore format: one line
    if (own instanceof CliError || own instanceof TransferProtocolError) {
      const reason = isDisk ? `its disk: ${reasonOf(error)}` : own.message
      this.#outbox.send({ type: 'abort', reason })
      this.#outbox.release()
      await this.#outbox.flushed().catch(() => {})
    }
    return own
  }
}

/** It is written in one go, from memory. */
const isSmall = ({ size }: FileMessage): boolean => size <= MAX_WHOLE

const NOTHING = new Uint8Array(0)
const NO_HASH = new Uint8Array(HASH_LENGTH)
const MOST_WITHOUT_REST = 4_194_304
