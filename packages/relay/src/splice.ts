import type { WebSocketLink } from '@stt/transport-ws'

/**
 * Passes the messages of two connections to each other, whole and unchanged. A side whose other side does not take more is
 * not read, so that nothing is dropped and what waits is bounded: backpressure goes from one end to the other.
 */
// spec: STT-RLY-12 STT-RLY-13
export class Splice {
  readonly #carry: (size: number) => number
  readonly #directions: readonly Direction[]
  #timer: NodeJS.Timeout | undefined

  /** @param carry is told of each message, and says for how many milliseconds neither side is read */
  constructor(a: WebSocketLink, b: WebSocketLink, carry: (size: number) => number) {
    this.#carry = carry
    this.#directions = [new Direction(a, b, this), new Direction(b, a, this)]
  }

  /** While more passed than the circuit may carry. */
  get isThrottled(): boolean {
    return this.#timer !== undefined
  }

  /** One of the two has ended. */
  end(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** A message passed. */
  // spec: STT-RLY-14
  passed(size: number): void {
    const wait = this.#carry(size)
    // What is over is ended by whoever counts.
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

  /** Reads, or does not. */
  update(): void {
    if (this.#isFull || this.#splice.isThrottled) this.#from.pause()
    else this.#from.resume()
  }
}
