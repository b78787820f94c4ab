import { MAX_DATA, MAX_UNANSWERED, type Message, type SenderMessage } from './messages.ts'
import { TransferProtocolError } from './protocol-error.ts'

/** A file that waits for the receiver's answer, or is being sent. */
interface Announced {
  readonly size: number
  /** The offset that `want` offered; undefined before that. */
  offered: number | undefined
}

/**
 * The rules for a sender's messages. Each message passes through `check` before it has an effect. No I/O; `MAX_UNANSWERED` bounds
 * its memory.
 */
export class ReceiverRules {
  readonly #files = new Map<number, Announced>()
  #nextId = 0
  #state: 'new' | 'begun' | 'all' = 'new'
  /** The file that is being sent, with the length so far. */
  #current: { readonly id: number; readonly size: number; length: number } | undefined

  /** @returns the id of the file that a `file` or `whole` announces, else undefined. @throws TransferProtocolError */
  check(message: Message): number | undefined {
    if (this.#state === 'new') {
      if (message.type !== 'begin') throw broken(message)
      this.#state = 'begun'
      return undefined
    }
    switch (message.type) {
      case 'folder':
        if (this.#state === 'all') throw broken(message)
        return undefined
      case 'file':
        return this.#announce(message)
      case 'whole':
        // The message contains the whole file, so no other one may be under way.
        if (this.#state === 'all' || this.#current) throw broken(message)
        return this.#nextId++
      case 'from':
        this.#start(message)
        return undefined
      case 'data':
        this.#grow(message, message.bytes.length)
        return undefined
      case 'hole':
        // The receiver reads it back, so this bounds the work of one message.
        if (message.length > MAX_DATA) throw broken(message)
        this.#grow(message, message.length)
        return undefined
      case 'end':
      case 'give-up':
        this.#end(message)
        return undefined
      case 'all':
        if (this.#state === 'all') throw broken(message)
        this.#state = 'all'
        return undefined
      default:
        throw broken(message)
    }
  }

  /** Notes that the receiver has answered with `want`. */
  offered(id: number, offset: number): void {
    this.#files.get(id)!.offered = offset
  }

  /** Notes that the receiver has refused a file, before or while it was sent: no more of it may come. */
  settled(id: number): void {
    this.#files.delete(id)
  }

  /** Whether the sender has said `all` and each file has ended. */
  get isComplete(): boolean {
    return this.#state === 'all' && this.#files.size === 0 && this.#current === undefined
  }

  #announce(message: Extract<SenderMessage, { type: 'file' }>): number {
    if (this.#state === 'all' || this.#files.size >= MAX_UNANSWERED) throw broken(message)
    const id = this.#nextId++
    this.#files.set(id, { size: message.size, offered: undefined })
    return id
  }

  #start(message: Extract<SenderMessage, { type: 'from' }>): void {
    const { id, offset } = message
    const file = this.#files.get(id)
    if (this.#current || file?.offered === undefined || (offset !== 0 && offset !== file.offered)) throw broken(message)
    this.#current = { id, size: file.size, length: offset }
  }

  #grow(message: SenderMessage, length: number): void {
    const current = this.#current
    if (!current || length === 0 || current.length + length > current.size) throw broken(message)
    current.length += length
  }

  #end(message: Extract<SenderMessage, { type: 'end' | 'give-up' }>): void {
    const { id, type } = message
    const file = this.#files.get(id)
    if (file?.offered === undefined) throw broken(message)
    if (this.#current && this.#current.id !== id) throw broken(message)
    const length = this.#current?.length ?? file.offered
    if (type === 'end' && length !== file.size) throw broken(message)
    this.#current = undefined
    this.#files.delete(id)
  }
}

const broken = ({ type }: Message): TransferProtocolError =>
  new TransferProtocolError(`the sender said "${type}" where that is not allowed`)
