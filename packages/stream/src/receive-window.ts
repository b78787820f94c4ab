/**
 * The credit that a receiver grants on one stream. It moves with what the application took, and the window that the
 * stream should have doubles while the application takes a whole window within two round trips: the window is then what
 * holds the sender.
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
   * @param maximum bytes that the window may grow to
   */
  constructor(first: number, size: number, maximum: number) {
    this.#limit = first
    this.#granted = first
    this.#size = Math.max(first, size)
    this.#maximum = Math.max(this.#size, maximum)
  }

  /** Offset up to which the peer may send: what was last granted. */
  get limit(): number {
    return this.#limit
  }

  /** Bytes that the peer should be able to have outstanding. */
  get size(): number {
    return this.#size
  }

  get consumed(): number {
    return this.#consumed
  }

  /** Whether half of what was granted is used up. */
  // spec: STT-STR-15
  get isDue(): boolean {
    return this.#limit - this.#consumed <= this.#granted / 2
  }

  /** Takes note of bytes that were taken or discarded. */
  consume(length: number): void {
    this.#consumed += length
  }

  /** Doubles the window when it was what held the sender. To be asked before a grant that is due. */
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

/** Milliseconds: clocks tick in whole ones, and what is consumed faster than this deserves a larger window anyway. */
const SHORTEST_INTERVAL = 10
