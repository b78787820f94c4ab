import { initialWindow } from './congestion-controller.ts'

/**
 * Spreads packets over the round trip (RFC 9002 §7.7) with a token bucket for a timer of about a millisecond. Tokens flow in
 * at the pacing rate. The bucket is as large as what the timer may oversleep, so the rate is kept, and no burst is larger
 * than the bucket.
 */
export class Pacer {
  #rate = Number.POSITIVE_INFINITY
  #tokens = 0
  #capacity = 0
  #filledAt = 0

  /** Bytes a second; `Infinity` while no round-trip time is known. */
  get rate(): number {
    return this.#rate * 1000
  }

  /** Bytes that leave at one moment at most. */
  get burst(): number {
    return this.#capacity
  }

  /**
   * @param window congestion window in bytes
   * @param smoothedRtt milliseconds, above 0
   */
  // spec: STT-REC-20
  update(window: number, smoothedRtt: number, inSlowStart: boolean, maxDatagramSize: number, now: number): void {
    const unlimited = !Number.isFinite(this.#rate)
    this.#fill(now)
    this.#rate = ((inSlowStart ? SLOW_START_GAIN : GAIN) * window) / smoothedRtt
    this.#capacity = Math.max(initialWindow(maxDatagramSize), this.#rate * BURST_MILLISECONDS)
    this.#tokens = unlimited ? this.#capacity : Math.min(this.#tokens, this.#capacity)
    this.#filledAt = now
  }

  /** Whether `size` bytes may leave now. */
  // spec: STT-REC-21
  allows(size: number, now: number): boolean {
    if (!Number.isFinite(this.#rate)) return true
    this.#fill(now)
    return this.#tokens >= Math.min(size, this.#capacity)
  }

  /** When `size` bytes may leave, rounded up to what a timer can do. */
  deadline(size: number, now: number): number {
    if (this.allows(size, now)) return now
    return now + Math.max(TIMER_RESOLUTION, (Math.min(size, this.#capacity) - this.#tokens) / this.#rate)
  }

  /** Probes are sent without asking, so the bucket may go below zero. */
  onSent(size: number, now: number): void {
    if (!Number.isFinite(this.#rate)) return
    this.#fill(now)
    this.#tokens -= size
  }

  #fill(now: number): void {
    if (now <= this.#filledAt) return
    if (Number.isFinite(this.#rate)) {
      this.#tokens = Math.min(this.#capacity, this.#tokens + (now - this.#filledAt) * this.#rate)
    }
    this.#filledAt = now
  }
}

/** Above 1, so that pacing spreads a flow and never limits it. */
const GAIN = 1.25
/** A window that doubles each round trip has to leave at twice the rate. */
const SLOW_START_GAIN = 2
const TIMER_RESOLUTION = 1
/** A timer of a millisecond often fires a millisecond late. */
const BURST_MILLISECONDS = 2
