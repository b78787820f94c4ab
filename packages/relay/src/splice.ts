import type { WebSocketLink } from '@stt/transport-ws'

/**
 * Passes the messages of two connections to each other, whole and unchanged. One side is not read while the other one takes no
 * more, so no message is dropped and the waiting bytes are bounded: backpressure goes from one end to the other.
 */
// spec: STT-RLY-12 STT-RLY-13
export class Splice {
  readonly #carry: (size: number) => number
  readonly #directions: readonly Direction[]
  #timer: NodeJS.Timeout | undefined

  /** @param carry called with the size of each message; returns for how many milliseconds neither side is read */
  constructor(a: WebSocketLink, b: WebSocketLink, carry: (size: number) => number) {
    this.#carry = carry
    this.#directions = [new Direction(a, b, this), new Direction(b, a, this)]
  }

  /** Whether neither side is read because the circuit is faster than its rate. */
  get isThrottled(): boolean {
    return this.#timer !== undefined
  }

  /** Stops the timer, once one of the two connections has ended. */
  end(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** Counts a message that passed. */
  // spec: STT-RLY-14
  passed(size: number): void {
    const wait = this.#carry(size)
    // At infinity the circuit has had all that it may carry, and `carry` ends it.
    if (wait === 0 || wait === Number.POSITIVE_INFINITY || this.#timer) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      for (const direction of this.#directions) direction.update()
    }, wait)
    for (const direction of this.#directions) direction.update()
  }
}

/** Messages from one link to the other. */
class Direction {
  readonly #from: WebSocketLink
  readonly #splice: Splice
  #isFull = false

  constructor(from: WebSocketLink, to: WebSocketLink, splice: Splice) {
    this.#from = from
    this.#splice = splice
    from.onPacket = message => {
      if (!to.send(message)) {
        this.#isFull = true
        this.update()
      }
      splice.passed(message.length)
    }
    to.onDrain = () => {
      this.#isFull = false
      this.update()
    }
  }

  /** Pauses or resumes reading. */
  update(): void {
    if (this.#isFull || this.#splice.isThrottled) this.#from.pause()
    else this.#from.resume()
  }
}
