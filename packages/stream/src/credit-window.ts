/**
 * The credit that a receiver grants, for one stream or for the session. It moves with what the application took, and
 * doubles while the application takes a whole window within two round trips: the window is then what holds the sender.
 */
export class CreditWindow {
  #limit: number
  #size: number
  readonly #maximum: number
  #consumed = 0
  #updatedAt = Number.NEGATIVE_INFINITY
  #consumedAtUpdate = 0

  /**
   * @param size bytes granted at first
   * @param maximum bytes that the window may grow to
   */
  constructor(size: number, maximum: number) {
    this.#limit = size
    this.#size = size
    this.#maximum = Math.max(size, maximum)
  }

  /** Offset up to which the peer may send: what was last granted. */
  get limit(): number {
    return this.#limit
  }

  /** Bytes that the peer may have outstanding. */
  get size(): number {
    return this.#size
  }

  get consumed(): number {
    return this.#consumed
  }

  /** Takes note of bytes that were taken or discarded; returns whether half a window can be granted again. */
  // spec: STT-STR-15
  consume(length: number): boolean {
    this.#consumed += length
    return this.#isDue
  }

  /** Grants a window above what was consumed and returns the new limit, which never falls. */
  grant(now: number, rtt: number): number {
    if (this.#isDue) this.#measure(now, rtt)
    this.#limit = Math.max(this.#limit, this.#consumed + this.#size)
    return this.#limit
  }

  // spec: STT-STR-16
  #measure(now: number, rtt: number): void {
    const consumed = this.#consumed - this.#consumedAtUpdate
    const elapsed = now - this.#updatedAt
    if (elapsed * this.#size <= Math.max(2 * rtt, SHORTEST_INTERVAL) * consumed)
      this.#size = Math.min(this.#size * 2, this.#maximum)
    this.#updatedAt = now
    this.#consumedAtUpdate = this.#consumed
  }

  get #isDue(): boolean {
    return this.#consumed + this.#size - this.#limit >= this.#size / 2
  }
}

/** Milliseconds: clocks tick in whole ones, and what is consumed faster than this deserves a larger window anyway. */
const SHORTEST_INTERVAL = 10
