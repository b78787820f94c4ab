/** What the peer lets us send on all streams together, and how much of it may wait for its acknowledgement. */
export class SessionSendCredit {
  #limit: number
  #used = 0
  readonly #maxKept: number
  #kept = 0

  /**
   * @param limit bytes that the peer allows at first
   * @param maxKept bytes that are kept at most until the peer acknowledges them, whatever it allows
   */
  constructor(limit: number, maxKept: number) {
    this.#limit = limit
    this.#maxKept = maxKept
  }

  /** Bytes that the peer's credit still takes. */
  get available(): number {
    return this.#limit - this.#used
  }

  /** Bytes that can be accepted now. */
  // spec: STT-STR-25
  get accepts(): number {
    return Math.min(this.#limit - this.#used, this.#maxKept - this.#kept)
  }

  /** Whether a writer that waits should try again: not for each acknowledgement of a full buffer. */
  get canWake(): boolean {
    return this.#used < this.#limit && this.#maxKept - this.#kept >= this.#maxKept * WAKE_SHARE
  }

  /** Bytes that wait for the peer's acknowledgement. */
  get kept(): number {
    return this.#kept
  }

  accept(length: number): void {
    this.#used += length
    this.#kept += length
  }

  /** The peer acknowledged bytes, or they were dropped. */
  release(length: number): void {
    this.#kept -= length
  }

  /** For bytes that were accepted and then never sent because their stream was reset. */
  giveBack(length: number): void {
    this.#used -= length
  }

  raiseLimit(max: number): void {
    if (max > this.#limit) this.#limit = max
  }
}

/** Share of a full buffer that must be free before its writer is woken. */
export const WAKE_SHARE: number = 1 / 16
