/**
 * The packet numbers that an ACK reports, newest first, as pairs of highest and lowest. The window against replays is
 * separate (`ReplayWindow`): this list may forget, that one may not.
 */
export class ReceivedPackets {
  readonly #ranges: number[] = []
  /**
   * The lowest of the numbers that came late. An ACK up to `#lateSince`, the largest number when the last of them came, may
   * have left before them. Numbers that come while such an ACK is awaited go to `#later`, so that the wait ends.
   */
  #late = NONE
  #lateSince = -1
  #later = NONE
  #laterSince = -1

  /** Pairs of highest and lowest number, descending, at least one number missing between two pairs. */
  get ranges(): readonly number[] {
    return this.#ranges
  }

  get largest(): number {
    return this.#ranges[0] ?? -1
  }

  /** Adds a number that was not received before. */
  add(packetNumber: number): void {
    const ranges = this.#ranges
    if (ranges.length > 0 && packetNumber === ranges[0]! + 1) {
      ranges[0] = packetNumber
      return
    }
    if (packetNumber < this.largest) this.#onLate(packetNumber)
    let at = 0
    while (at < ranges.length && ranges[at + 1]! > packetNumber + 1) at += 2
    const joinsNewer = at < ranges.length && ranges[at + 1] === packetNumber + 1
    const older = joinsNewer ? at + 2 : at
    const joinsOlder = older < ranges.length && ranges[older] === packetNumber - 1
    if (joinsNewer) {
      ranges[at + 1] = joinsOlder ? ranges[older + 1]! : packetNumber
      if (joinsOlder) ranges.splice(older, 2)
    } else if (joinsOlder) {
      ranges[older] = packetNumber
    } else {
      ranges.splice(at, 0, packetNumber, packetNumber)
      if (ranges.length > 2 * MAX_RANGES) ranges.length = 2 * MAX_RANGES
    }
  }

  /** The peer has seen the report up to `packetNumber`, which need not be repeated. The largest number is always kept. */
  forgetUpTo(packetNumber: number): void {
    if (packetNumber > this.#lateSince) this.#onLateReported()
    this.#forget(Math.min(packetNumber, Math.min(this.#late, this.#later) - 1))
  }

  /** A number that came out of order: an ACK that left before does not report it. */
  #onLate(packetNumber: number): void {
    if (this.#late === NONE) {
      this.#late = packetNumber
      this.#lateSince = this.largest
    } else {
      this.#later = Math.min(this.#later, packetNumber)
      this.#laterSince = this.largest
    }
  }

  #onLateReported(): void {
    this.#late = this.#later
    this.#lateSince = this.#laterSince
    this.#later = NONE
  }

  #forget(packetNumber: number): void {
    const ranges = this.#ranges
    while (ranges.length > 2 && ranges.at(-2)! <= packetNumber) ranges.length -= 2
    if (ranges.length > 0 && ranges.at(-1)! <= packetNumber && ranges.at(-2)! > packetNumber) {
      ranges[ranges.length - 1] = packetNumber + 1
    }
  }
}

const NONE = Number.POSITIVE_INFINITY
/** An ACK reports at most as many ranges: the peer sends packets of older numbers again. */
export const MAX_RANGES = 64
