import type { RttEstimate } from '@stt/frame'

/** Round-trip time of one path as RFC 9002 §5 estimates it. Milliseconds throughout. */
export class RttEstimator implements RttEstimate {
  #latest = 0
  #min = Number.POSITIVE_INFINITY
  #smoothed = 0
  #variation = 0
  #samples = 0

  /** Whether there was a sample: before that all figures are guesses. */
  get known(): boolean {
    return this.#samples > 0
  }

  /** The last sample; 0 before the first. */
  get latest(): number {
    return this.#latest
  }

  /** The smallest sample; `Infinity` before the first. */
  get min(): number {
    return this.#min
  }

  /** The smoothed round-trip time; 0 before the first sample. */
  get smoothed(): number {
    return this.#smoothed
  }

  /** The mean deviation from the smoothed round-trip time; 0 before the first sample. */
  get variation(): number {
    return this.#variation
  }

  /**
   * Takes a sample. Milliseconds.
   *
   * @param sample time from sending the largest newly acknowledged packet to the arrival of its ACK
   * @param ackDelay how long the peer says that it waited before it acknowledged
   */
  // spec: STT-PKT-20
  update(sample: number, ackDelay: number): void {
    this.#latest = sample
    this.#samples++
    this.#min = Math.min(this.#min, sample)
    if (this.#samples === 1) {
      this.#smoothed = sample
      this.#variation = sample / 2
      return
    }
    // The peer's delay is subtracted only where the sample stays at or above the smallest one.
    const adjusted = sample - this.#min >= ackDelay ? sample - ackDelay : sample
    this.#variation = (3 * this.#variation + Math.abs(this.#smoothed - adjusted)) / 4
    this.#smoothed = (7 * this.#smoothed + adjusted) / 8
  }

  /** Probe timeout without backoff (RFC 9002 §6.2.1): 1 s while no round-trip time is known. */
  probeTimeout(maxAckDelay: number): number {
    if (!this.known) return UNKNOWN_PROBE_TIMEOUT
    return this.#smoothed + Math.max(4 * this.#variation, TIMER_GRANULARITY) + maxAckDelay
  }
}

const UNKNOWN_PROBE_TIMEOUT = 1_000
const TIMER_GRANULARITY = 1
