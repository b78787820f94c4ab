import type { Message } from './messages.ts'
import { TransferProtocolError } from './protocol-error.ts'

/** The rules for a receiver's messages. No I/O; `MAX_UNANSWERED` bounds its memory. */
export class SenderRules {
  /** Sizes of the files that wait for their first answer, by id. */
  readonly #announced = new Map<number, number>()
  /** Files that the receiver wants. */
  readonly #wanted = new Set<number>()
  /** Wanted files that were sent to their end. */
  readonly #ended = new Set<number>()
  /** Files that were sent whole, without an announcement. */
  readonly #whole = new Set<number>()
  #isReady = false
  #hasSaidAll = false

  announced(id: number, size: number): void {
    this.#announced.set(id, size)
  }

  sentWhole(id: number): void {
    this.#whole.add(id)
  }

  /** Notes that the sender has said `all`. */
  saidAll(): void {
    this.#hasSaidAll = true
  }

  /** Notes that the sender has sent a wanted file to its end. */
  ended(id: number): void {
    this.#wanted.delete(id)
    this.#ended.add(id)
  }

  /** Notes that the sender has given up a file, which needs no answer. */
  gaveUp(id: number): void {
    this.#wanted.delete(id)
  }

  /** Files without their last answer. */
  get unanswered(): number {
    return this.#announced.size + this.#wanted.size + this.#ended.size + this.#whole.size
  }

  /** @throws TransferProtocolError */
  check(message: Message): void {
    if (message.type === 'abort') return
    if (message.type === 'ready' && !this.#isReady) {
      this.#isReady = true
      return
    }
    if (!this.#isReady) throw broken(message)
    switch (message.type) {
      case 'want': {
        const size = this.#announced.get(message.id)
        if (size === undefined || message.offset > size) throw broken(message)
        this.#announced.delete(message.id)
        this.#wanted.add(message.id)
        return
      }
      case 'done':
      case 'had':
        this.#settle(message)
        return
      case 'refused': {
        const isKnown = [this.#ended, this.#whole, this.#announced].some(each => each.delete(message.id))
        if (!isKnown) throw broken(message)
        return
      }
      case 'finished':
        if (!this.#hasSaidAll || this.unanswered > 0) throw broken(message)
        return
      default:
        throw broken(message)
    }
  }

  #settle(message: Extract<Message, { type: 'done' | 'had' }>): void {
    const { type, id, count } = message
    if (count === 0) throw broken(message)
    for (let each = id; each < id + count; each++) {
      // `had` is only for files that came whole.
      const isKnown = this.#whole.delete(each) || (type === 'done' && this.#ended.delete(each))
      if (!isKnown) throw broken(message)
    }
  }
}

const broken = ({ type }: Message): TransferProtocolError =>
  new TransferProtocolError(`the receiver said "${type}" where that is not allowed`)
