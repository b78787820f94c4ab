import type { Loss } from './loss-detection.ts'

/**
 * Finds a stretch of time in which every packet was lost (RFC 9002 §7.6): consecutive packets of the path, all lost, the
 * first and the last further apart than the duration.
 */
export class PersistentCongestion {
  #startedAt = 0
  #lastOrdinal = -2

  /**
   * @param lost packets lost just now, oldest first
   * @param duration milliseconds
   * @param rttKnownSince packets sent before the first RTT sample prove nothing
   */
  // spec: STT-REC-14
  detect(lost: readonly Loss[], duration: number, rttKnownSince: number): boolean {
    let found = false
    for (const { packet, ordinal } of lost) {
      if (packet.sentAt <= rttKnownSince) continue
      if (ordinal !== this.#lastOrdinal + 1) this.#startedAt = packet.sentAt
      this.#lastOrdinal = ordinal
      found ||= packet.sentAt - this.#startedAt > duration
    }
    if (found) this.reset()
    return found
  }

  /** A packet that was declared lost arrived: the stretch ends. */
  reset(): void {
    this.#lastOrdinal = -2
  }
}
