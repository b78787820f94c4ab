import { CliError, hasCode, reasonOf } from '../cli-error.ts'
import { ExitCode } from '../exit-codes.ts'
import { Outbox, type TransferStream } from './outbox.ts'
import { BLOCK, PartFile } from './part-file.ts'
import { MessageReader } from './protocol/message-reader.ts'
import { HASH_LENGTH, type Message, type SenderMessage, VERSION } from './protocol/messages.ts'
import { TransferProtocolError } from './protocol/protocol-error.ts'
import { ReceiverRules } from './protocol/receiver-rules.ts'
import { EXISTS, NO_FILE, Refusal, type TargetFolder } from './target-folder.ts'

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
  #progress = 0

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
        for (const message of reader.read(chunk)) {
          signal.throwIfAborted()
          const id = this.#rules.check(message)
          if (message.type === 'data') events.onReceived(message.bytes.length)
          await this.#handle(message, id)
        }
        await this.#outbox.room()
        events.onProgress(this.#progress)
        if (this.#rules.isComplete) break
      }
      if (!this.#rules.isComplete) throw new CliError(ExitCode.failed, 'the sender left before everything was there')
      this.#options.folder.finishFolders()
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
        return this.#grow(message.bytes.length, part => part.write(message.bytes))
      case 'hole':
        return this.#grow(message.length, part => part.hole(message.length))
      case 'end':
        return this.#end(message)
      case 'give-up':
        return this.#giveUp(message)
    }
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
      const part = kept ?? (isNew ? undefined : this.#openPart(file))
      await part?.resume(file.size, signal)
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
  #lookAt(target: string, { size }: FileMessage): PartFile | undefined {
    const { folder } = this.#options
    const found = folder.look(target)
    if (!found) return undefined
    if (!found.isFile()) throw new Refusal(NO_FILE)
    if (found.size === size) return new PartFile(target, folder.openKept(target), this.#gathered)
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
    const writer = writers.get(path)
    if (writer !== supersede) writer?.()
    const part = new PartFile(path, folder.openPart(path), this.#gathered)
    writers.set(path, supersede)
    return part
  }

  #start({ id, offset }: Extract<SenderMessage, { type: 'from' }>): void {
    const file = this.#pending.get(id)!
    this.#current = file
    try {
      const isKept = file.part?.path === file.target
      if (isKept && !this.#options.folder.overwrites) throw new Refusal(EXISTS)
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

  #grow(length: number, write: (part: PartFile) => void): void {
    this.#advance(length)
    const file = this.#current!
    if (file.problem !== undefined) return
    try {
      write(file.part!)
    } catch (error) {
      file.problem = this.#refusalOf(error)
    }
  }

  #end({ id, hash }: Extract<SenderMessage, { type: 'end' }>): void {
    const file = this.#pending.get(id)!
    this.#pending.delete(id)
    this.#current = undefined
    const { events } = this.#options
    if (file.problem !== undefined) return this.#refuse(id, file, file.problem)
    const isKept = file.part?.path === file.target
    try {
      // An empty file, of which nothing came.
      const part = file.part ?? this.#claim(this.#options.folder.partOf(file.path, this.#options.sender))
      if (!isKept) part.flush()
      if (!Buffer.from(part.hash).equals(hash)) {
        if (!isKept) part.remove()
        throw new Refusal('what is on the disk is not what was sent: send it again')
      }
      if (isKept) this.#advance(file.size)
      else {
        part.complete(file.mode, file.modified)
        this.#options.folder.finish(part.path, file.target)
      }
      this.#release(part)
      this.#outbox.send({ type: 'done', id })
      events.onFile(file.path, file.size, isKept ? 'same' : 'received')
    } catch (error) {
      this.#release(file.part)
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

  #refuse(id: number, { path, size }: FileMessage, reason: string): void {
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
      await this.#outbox.flushed().catch(() => {})
    }
    return own
  }
}

const NO_HASH = new Uint8Array(HASH_LENGTH)
