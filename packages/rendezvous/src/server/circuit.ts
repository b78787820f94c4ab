import { TokenBucket } from '../token-bucket.ts'
import type { RelayLimits } from './relay-limits.ts'

/** What two connections say to each other through the relay, counted. */
export class Circuit<Leg> {
  readonly dialer: Leg
  readonly acceptor: Leg
  readonly #bucket: TokenBucket
  readonly #maxBytes: number
  #bytes = 0

  constructor(dialer: Leg, acceptor: Leg, { rate, burst, freeMebibytes }: RelayLimits, now: number) {
    this.dialer = dialer
    this.acceptor = acceptor
    this.#bucket = new TokenBucket(rate, burst, now)
    this.#maxBytes = freeMebibytes === 0 ? Number.POSITIVE_INFINITY : freeMebibytes * 1_048_576
  }

  /** Bytes of messages that passed, both directions together. */
  get bytes(): number {
    return this.#bytes
  }

  /**
   * Counts a message that passes.
   *
   * @returns milliseconds for which neither side is read; `Infinity` once the circuit has carried all that it may
   */
  // spec: STT-RLY-14 STT-RLY-15
  carry(size: number, now: number): number {
    this.#bytes += size
    if (this.#bytes > this.#maxBytes) return Number.POSITIVE_INFINITY
    return this.#bucket.spend(size, now)
  }
}
