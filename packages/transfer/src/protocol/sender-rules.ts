import type { Message } from './messages.ts'
import { TransferProtocolError } from './protocol-error.ts'

/** What a receiver may say when. No I/O. What it holds is bounded by `MAX_UNANSWERED`, which the sender keeps to. */
export class SenderRules {
  /** Sizes of the files that wait for an answer, and of those that were asked for. */
  readonly #announced = new Map<number, number>()
  readonly #wanted = new Set<number>()
  /** Those of them that were sent to their end. */
  readonly #ended = new Set<number>()
  /** Those that were sent whole, without being asked for. */
  readonly #whole = new Set<number>()
  #isReady = false
  #hasSaidAll = false

  announced(id: number, size: number): void {
    this.#announced.set(id, size)
  }

  sentWhole(id: number): void {
    this.#whole.add(id)
  }

  /** The sender has said that this was all. */
  saidAll(): void {
    this.#hasSaidAll = true
  }

  /** The sender has said all of a file that was asked for. */
  ended(id: number): void {
    this.#wanted.delete(id)
    this.#ended.add(id)
  }

  /** The sender has given a file up, to which no answer comes. */
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
      // Of what it asked for it had only what it said then.
      const isKnown = this.#whole.delete(each) || (type === 'done' && this.#ended.delete(each))
      if (!isKnown) throw broken(message)
    }
  }
}

const broken = ({ type }: Message): TransferProtocolError =>
  new TransferProtocolError(`the receiver said "${type}" where that is not allowed`)
