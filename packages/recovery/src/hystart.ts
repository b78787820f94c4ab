/**
 * HyStart++ (RFC 9406): leaves slow start when round trips begin to grow, before the queue overflows. It goes on with slow
 * start when the growth was only noise.
 */
export class HyStart {
  #roundStartedAt = Number.NEGATIVE_INFINITY
  #lastRoundMin = Number.POSITIVE_INFINITY
  #roundMin = Number.POSITIVE_INFINITY
  #samples = 0
  /** The shortest round trip when conservative slow start began; `undefined` outside of it. */
  #baseline: number | undefined
  #conservativeRounds = 0

  /**
   * An ACK arrived in slow start. Milliseconds.
   *
   * @param sentAt when the newest acknowledged packet was sent: it tells rounds apart
   * @returns the divisor for the growth of the window; `Infinity` when slow start is over
   */
  // spec: STT-REC-18
  onAcknowledged(sentAt: number, rtt: number, now: number): number {
    if (sentAt >= this.#roundStartedAt) this.#startRound(now)
    this.#roundMin = Math.min(this.#roundMin, rtt)
    this.#samples++
    if (this.#samples >= MIN_SAMPLES) this.#judge()
    if (this.#baseline === undefined) return 1
    return this.#conservativeRounds > CONSERVATIVE_ROUNDS ? Number.POSITIVE_INFINITY : CONSERVATIVE_DIVISOR
  }

  #startRound(now: number): void {
    this.#roundStartedAt = now
    this.#lastRoundMin = this.#roundMin
    this.#roundMin = Number.POSITIVE_INFINITY
    this.#samples = 0
    if (this.#baseline !== undefined) this.#conservativeRounds++
  }

  #judge(): void {
    if (this.#baseline !== undefined) {
      if (this.#roundMin < this.#baseline) this.#baseline = undefined
      return
    }
    const threshold = Math.min(Math.max(this.#lastRoundMin / RTT_DIVISOR, MIN_THRESHOLD), MAX_THRESHOLD)
    if (this.#roundMin < this.#lastRoundMin + threshold) return
    this.#baseline = this.#roundMin
    this.#conservativeRounds = 1
  }
}

const MIN_SAMPLES = 8
const RTT_DIVISOR = 8
const MIN_THRESHOLD = 4
const MAX_THRESHOLD = 16
const CONSERVATIVE_DIVISOR = 4
const CONSERVATIVE_ROUNDS = 5
