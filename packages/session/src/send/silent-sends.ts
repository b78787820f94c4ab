import type { Path } from '../path/path.ts'

/**
 * When the newest packets that ask for no acknowledgement were sent. An ACK whose largest number is one of them measures a
 * round trip too (RFC 9002 §5.1); a side that only receives sends few other packets.
 */
export class SilentSends {
  readonly #numbers = new Float64Array(KEPT).fill(-1)
  readonly #times = new Float64Array(KEPT)
  readonly #path: Path

  constructor(path: Path) {
    this.#path = path
  }

  /** @returns the object that keeps the time: a new one if the path is another than before */
  onSent(packetNumber: number, path: Path, now: number): SilentSends {
    if (path !== this.#path) return new SilentSends(path).onSent(packetNumber, path, now)
    const place = packetNumber % KEPT
    this.#numbers[place] = packetNumber
    this.#times[place] = now
    return this
  }

  /** Milliseconds; `undefined` for an unknown packet, or one that went over another path. */
  sentAt(packetNumber: number, path: Path): number | undefined {
    const place = packetNumber % KEPT
    return path === this.#path && this.#numbers[place] === packetNumber ? this.#times[place] : undefined
  }
}

/** A PING is answered at once: little is sent between it and the largest number of its ACK. */
const KEPT = 16
