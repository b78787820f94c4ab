import type { RttEstimate } from '@stt/frame'

/** Round-trip time of one path as RFC 9002 §5 estimates it. Milliseconds throughout. */
export class RttEstimator implements RttEstimate {
  #latest = 0
  #min = Number.POSITIVE_INFINITY
  #smoothed = 0
  #variation = 0
  #samples = 0

  /** Whether a sample has been taken: before that every figure is a guess. */
  get known(): boolean {
    return this.#samples > 0
  }

  get latest(): number {
    return this.#latest
  }

  /** `Infinity` before the first sample. */
  get min(): number {
    return this.#min
  }

  /** 0 before the first sample. */
  get smoothed(): number {
    return this.#smoothed
  }

  get variation(): number {
    return this.#variation
  }

  /**
   * @param sample time from sending the largest newly acknowledged packet to the arrival of its ACK
   * @param ackDelay what the peer says it waited before it acknowledged
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
    // The peer's delay is subtracted only where that cannot make the sample shorter than the path has ever been.
    const adjusted = sample - this.#min >= ackDelay ? sample - ackDelay : sample
    this.#variation = (3 * this.#variation + Math.abs(this.#smoothed - adjusted)) / 4
    this.#smoothed = (7 * this.#smoothed + adjusted) / 8
  }

  /** Probe timeout without backoff (RFC 9002 §6.2.1): 1 s where no round-trip time is known. */
  probeTimeout(maxAckDelay: number): number {
    if (!this.known) return UNKNOWN_PROBE_TIMEOUT
    return this.#smoothed + Math.max(4 * this.#variation, TIMER_GRANULARITY) + maxAckDelay
  }
}

const UNKNOWN_PROBE_TIMEOUT = 1_000
const TIMER_GRANULARITY = 1
