import { TokenBucket } from '../token-bucket.ts'
import type { RelayLimits } from './relay-limits.ts'

/** Two connections that a relay has spliced, with the bytes between them counted. */
export class Circuit<Leg> {
  /** The connection of the node that dialed. */
  readonly dialer: Leg
  /** The connection of the node that accepted. */
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

  /** Bytes of messages so far, both directions together. */
  get bytes(): number {
    return this.#bytes
  }

  /**
   * Counts a message.
   *
   * @returns milliseconds for which to read neither side; `Infinity` once the circuit has carried all that it may
   */
  // spec: STT-RLY-14 STT-RLY-15
  carry(size: number, now: number): number {
    this.#bytes += size
    if (this.#bytes > this.#maxBytes) return Number.POSITIVE_INFINITY
    return this.#bucket.spend(size, now)
  }
}
