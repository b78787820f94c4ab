/** How much this side may send on all streams together, and how much of that may wait for the peer's acknowledgement. */
export class SessionSendCredit {
  #limit: number
  #used = 0
  readonly #maxKept: number
  #kept = 0
  #isShort = false

  /**
   * @param limit bytes that the peer allows at first
   * @param maxKept bytes that wait for the peer's acknowledgement at most, whatever credit it gives
   */
  constructor(limit: number, maxKept: number) {
    this.#limit = limit
    this.#maxKept = maxKept
  }

  /** Bytes that the peer's credit still allows. */
  get available(): number {
    return this.#limit - this.#used
  }

  /** Bytes that can be accepted now. */
  // spec: STT-STR-25
  get accepts(): number {
    return Math.min(this.#limit - this.#used, this.#most - this.#kept)
  }

  /** Whether a writer that waits should try again. A full buffer does not wake it for each acknowledgement. */
  get canWake(): boolean {
    return this.#used < this.#limit && this.#most - this.#kept >= this.#most * WAKE_SHARE
  }

  /** Bytes that wait for the peer's acknowledgement. */
  get kept(): number {
    return this.#kept
  }

  /** Whether the program is short of memory: then few bytes may wait. */
  set isShort(isShort: boolean) {
    this.#isShort = isShort
  }

  /** Bytes were written. */
  accept(length: number): void {
    this.#used += length
    this.#kept += length
  }

  /** The peer acknowledged bytes, or they were dropped. */
  release(length: number): void {
    this.#kept -= length
  }

  /** Gives back the credit of bytes that were accepted and never sent, because their stream was reset. */
  refund(length: number): void {
    this.#used -= length
  }

  /** The peer allows `max` bytes in all. */
  raiseLimit(max: number): void {
    if (max > this.#limit) this.#limit = max
  }

  /** Bytes that may wait now. */
  get #most(): number {
    return this.#isShort ? Math.min(this.#maxKept, KEPT_WHEN_SHORT) : this.#maxKept
  }
}

/** Bytes: enough that an ordinary path is not idle for long. */
const KEPT_WHEN_SHORT = 256 * 1024

/** Share of a full buffer that must be free before its writer is woken. */
export const WAKE_SHARE: number = 1 / 16
