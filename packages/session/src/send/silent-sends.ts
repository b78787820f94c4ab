import type { Path } from '../path/path.ts'

/**
 * When the newest packets left that ask for no acknowledgement. One of them may be the largest number of an ACK, and that ACK
 * tells a round trip even so (RFC 9002 §5.1): who only receives sends little else.
 */
export class SilentSends {
  readonly #numbers = new Float64Array(KEPT).fill(-1)
  readonly #times = new Float64Array(KEPT)
  readonly #path: Path

  constructor(path: Path) {
    this.#path = path
  }

  /** @returns what keeps it: another object where it went over another path than those before */
  onSent(packetNumber: number, path: Path, now: number): SilentSends {
    if (path !== this.#path) return new SilentSends(path).onSent(packetNumber, path, now)
    const place = packetNumber % KEPT
    this.#numbers[place] = packetNumber
    this.#times[place] = now
    return this
  }

  /** In milliseconds; `undefined` for a packet that is not known, or went over another path. */
  sentAt(packetNumber: number, path: Path): number | undefined {
    const place = packetNumber % KEPT
    return path === this.#path && this.#numbers[place] === packetNumber ? this.#times[place] : undefined
  }
}

/** A PING is answered at once: little is sent between it and the largest number of its ACK. */
const KEPT = 16
