/**
 * The credit that a receiver grants on one stream. It moves as the application takes bytes. The window doubles when the
 * application takes a whole window within two round trips, because then the window is what limits the sender.
 */
export class ReceiveWindow {
  #limit: number
  #size: number
  readonly #maximum: number
  #consumed = 0
  /** Bytes above what was consumed that the last grant allowed. */
  #granted: number
  #updatedAt = Number.NEGATIVE_INFINITY
  #consumedAtUpdate = 0

  /**
   * @param first bytes that the peer may send at first
   * @param size bytes of window from the first grant on
   * @param maximum bytes to which the window may grow
   */
  constructor(first: number, size: number, maximum: number) {
    this.#limit = first
    this.#granted = first
    this.#size = Math.max(first, size)
    this.#maximum = Math.max(this.#size, maximum)
  }

  /** Offset up to which the peer may send, as it was last granted. */
  get limit(): number {
    return this.#limit
  }

  /** Bytes that the peer should be able to have outstanding. */
  get size(): number {
    return this.#size
  }

  /** Bytes that were taken or dropped. */
  get consumed(): number {
    return this.#consumed
  }

  /** Whether half of what was granted is used up. */
  // spec: STT-STR-15
  get isDue(): boolean {
    return this.#limit - this.#consumed <= this.#granted / 2
  }

  /** `length` bytes were taken or dropped. */
  consume(length: number): void {
    this.#consumed += length
  }

  /** Doubles the window if it limited the sender. Call it before a grant that is due. */
  // spec: STT-STR-16
  measure(rtt: number, now: number): void {
    const consumed = this.#consumed - this.#consumedAtUpdate
    const elapsed = now - this.#updatedAt
    if (elapsed * this.#size <= Math.max(2 * rtt, SHORTEST_INTERVAL) * consumed)
      this.#size = Math.min(this.#size * 2, this.#maximum)
    this.#updatedAt = now
    this.#consumedAtUpdate = this.#consumed
  }

  /** Grants `window` bytes above what was consumed; the limit never falls. */
  grant(window: number): void {
    this.#limit = Math.max(this.#limit, this.#consumed + window)
    this.#granted = this.#limit - this.#consumed
  }
}

/** Milliseconds. Clocks tick in whole ones, and a reader faster than this deserves a larger window anyway. */
const SHORTEST_INTERVAL = 10
