import { checkMethods, checkTransfer } from './check.ts'
import { Refusal, TransferError } from './errors.ts'
import { Outbox, type TransferStream } from './outbox.ts'
import { MessageReader } from './protocol/message-reader.ts'
import { MAX_UNANSWERED, type Message, type SenderMessage, VERSION, type WholeFile } from './protocol/messages.ts'
import { TransferProtocolError } from './protocol/protocol-error.ts'
import { ReceiverRules } from './protocol/receiver-rules.ts'
import type { MaybePromise } from './source.ts'
import type { AnnouncedFile, IncomingFile, TransferTarget } from './target.ts'

/** Called while the receiving end works. Paths come from the sender: escape them before printing. */
export interface ReceiveEvents {
  /** The sender has said how many files and bytes it has. */
  onBegin(files: number, bytes: number): void
  /** A file is complete, was there already, or was refused; `reason` says why. */
  onFile(path: string, size: number, outcome: 'received' | 'same' | 'refused', reason?: string): void
  /** Bytes of the total that are here, including those of earlier attempts. */
  onProgress(bytes: number): void
  /** Bytes of files that came over the wire just now. */
  onReceived(bytes: number): void
}

/** Options of `receiveTransfer`. */
export interface ReceiveOptions {
  /** Takes the files. */
  readonly target: TransferTarget
  /** Ends the transfer. */
  readonly signal: AbortSignal
  /** Called while it works. */
  readonly events: ReceiveEvents
}

interface Pending extends AnnouncedFile {
  readonly incoming: IncomingFile
  /** Bytes of it that count in the progress. */
  readonly counted: number
  /** Why the file is refused, once something went wrong. */
  problem?: string
}

/**
 * Receives one transfer over a stream. Resolves when the sender has sent all and the receiver has answered everything.
 *
 * Rejects with a TransferError if the sender ends the transfer, a TransferProtocolError if it breaks the protocol, the target's own
 * error if that fails, and the stream's error if the session ends. Incomplete files stay for the next attempt.
 */
export async function receiveTransfer(stream: TransferStream, options: ReceiveOptions): Promise<void> {
  const events = ['onBegin', 'onFile', 'onProgress', 'onReceived']
  checkTransfer('receiveTransfer', stream, options, ['target'], events)
  const target = ['addFolder', 'takeWhole', 'announce', 'finish', 'problemOf', 'faultOf']
  checkMethods(options.target, 'a target', target)
  const transfer = new ReceiveTransfer(stream, options)
  try {
    await transfer.run()
  } finally {
    await transfer.close()
  }
}

class ReceiveTransfer {
  readonly #stream: TransferStream
  readonly #options: ReceiveOptions
  readonly #outbox: Outbox
  readonly #rules = new ReceiverRules()
  readonly #pending = new Map<number, Pending>()
  #current: Pending | undefined
  /** Files that were settled and not answered yet. */
  #last: { readonly type: 'done' | 'had'; readonly id: number; count: number } | undefined
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
        this.#outbox.hold()
        for (const message of reader.read(chunk)) {
          signal.throwIfAborted()
          const id = this.#rules.check(message)
          if (message.type === 'whole') {
            const taking = this.#whole(id!, message)
            if (taking) await taking
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
      if (!this.#rules.isComplete) throw new TransferError('left', 'the sender left before everything was there')
      await this.#options.target.finish((path, reason) => events.onFile(path, 0, 'refused', reason))
      this.#outbox.send({ type: 'finished' })
      await this.#outbox.flushed()
    } catch (error) {
      throw await this.#failed(error)
    }
  }

  /** Closes the incomplete files, which stay on the disk. */
  async close(): Promise<void> {
    for (const { incoming } of this.#pending.values()) await incoming.close()
    this.#pending.clear()
  }

  async #handle(message: Message, id: number | undefined): Promise<void> {
    switch (message.type) {
      case 'begin':
        if (message.version !== VERSION) {
          throw new TransferError('version', `the sender speaks version ${message.version} of the transfer, this side ${VERSION}: install the later stt on both`) // biome-ignore format: one line
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
        return this.#grow(message.bytes.length, incoming => incoming.write(message.bytes))
      case 'hole':
        return this.#grow(message.length, incoming => incoming.hole(message.length))
      case 'end':
        return this.#end(message)
      case 'give-up':
        return this.#giveUp(message)
    }
  }

  /** Takes a small file that came whole. @returns a promise only if the target gives one */
  #whole(id: number, message: WholeFile): Promise<void> | undefined {
    const { target, events } = this.#options
    const { path } = message
    const size = message.bytes.length
    events.onReceived(size)
    this.#advance(size)
    const settle = (outcome: 'done' | 'had'): void => {
      this.#settled(id, outcome)
      events.onFile(path, size, outcome === 'had' ? 'same' : 'received')
    }
    const fail = (error: unknown): void => {
      this.#answerSettled()
      this.#refuse(id, { path, size }, this.#problemOf(error))
    }
    let outcome: 'done' | 'had'
    try {
      const taking = target.takeWhole(message)
      if (typeof taking !== 'string') return taking.then(settle, fail)
      outcome = taking
    } catch (error) {
      fail(error)
      return undefined
    }
    settle(outcome)
    return undefined
  }

  /** Counts a file; files with consecutive ids share an answer. */
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

  async #folder(message: Extract<SenderMessage, { type: 'folder' }>): Promise<void> {
    try {
      await this.#options.target.addFolder(message)
    } catch (error) {
      // Each file in the folder is refused by itself.
      this.#options.events.onFile(message.path, 0, 'refused', this.#problemOf(error))
    }
  }

  async #announced(id: number, file: Extract<SenderMessage, { type: 'file' }>): Promise<void> {
    try {
      const announcing = this.#options.target.announce(file, this.#options.signal)
      if (announcing instanceof Promise) {
        // This may take long, so earlier answers go out first.
        this.#outbox.release()
        await announcing
        this.#outbox.hold()
      }
      const incoming = await announcing
      const { offset, hash, isThere, kept } = incoming
      const counted = isThere ? 0 : offset
      this.#pending.set(id, { ...file, incoming, counted })
      this.#advance(counted)
      this.#rules.offered(id, offset)
      this.#outbox.send({ type: 'want', id, offset, kept, hash })
    } catch (error) {
      this.#rules.settled(id)
      this.#refuse(id, file, this.#problemOf(error))
    }
  }

  async #start({ id, offset }: Extract<SenderMessage, { type: 'from' }>): Promise<void> {
    const file = this.#pending.get(id)!
    this.#current = file
    this.#advance(offset - file.counted)
    try {
      await file.incoming.start(offset)
    } catch (error) {
      file.problem = this.#problemOf(error)
    }
  }

  async #grow(length: number, write: (to: IncomingFile) => MaybePromise<void>): Promise<void> {
    this.#advance(length)
    const file = this.#current!
    if (file.problem !== undefined) return
    try {
      await write(file.incoming)
    } catch (error) {
      file.problem = this.#problemOf(error)
    }
  }

  async #end({ id, hash }: Extract<SenderMessage, { type: 'end' }>): Promise<void> {
    const file = this.#pending.get(id)!
    const isStarted = this.#current !== undefined
    this.#pending.delete(id)
    this.#current = undefined
    const { incoming, path, size, problem } = file
    try {
      if (problem === undefined) {
        const outcome = await incoming.end(hash)
        if (incoming.isThere && !isStarted) this.#advance(size)
        this.#settled(id, 'done')
        this.#options.events.onFile(path, size, outcome)
        return
      }
    } catch (error) {
      this.#refuse(id, file, this.#problemOf(error))
      return
    } finally {
      await incoming.close()
    }
    this.#refuse(id, file, problem)
  }

  async #giveUp({ id, reason }: Extract<SenderMessage, { type: 'give-up' }>): Promise<void> {
    const { incoming, path, size } = this.#pending.get(id)!
    this.#pending.delete(id)
    this.#current = undefined
    // Only the part of a file that changed meanwhile is of no use for the next attempt.
    await incoming.close()
    this.#options.events.onFile(path, size, 'refused', reason)
  }

  #refuse(id: number, { path, size }: Pick<AnnouncedFile, 'path' | 'size'>, reason: string): void {
    this.#outbox.send({ type: 'refused', id, reason })
    this.#options.events.onFile(path, size, 'refused', reason)
  }

  /** The reason to refuse one file. Rethrows an error that concerns the whole transfer. */
  #problemOf(error: unknown): string {
    const problem = error instanceof Refusal ? error.message : this.#options.target.problemOf(error)
    if (problem === undefined) throw error
    return problem
  }

  #advance(bytes: number): void {
    this.#progress += bytes
  }

  /** Tells the sender why this side ends the transfer, unless the sender ended it. */
  async #failed(error: unknown): Promise<unknown> {
    const fault = this.#options.target.faultOf(error)
    const isTheirs = error instanceof TransferError || error instanceof TransferProtocolError
    if (!fault && !isTheirs) return error
    this.#outbox.send({ type: 'abort', reason: fault?.reason ?? (error as Error).message })
    this.#outbox.release()
    // A sender that is gone gets no message.
    await this.#outbox.flushed().catch(() => {})
    return fault?.error ?? error
  }
}
