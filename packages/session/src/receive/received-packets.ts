/**
 * Which packet numbers an ACK reports, newest first, as pairs of highest and lowest. The window against replays is
 * kept apart (`ReplayWindow`): this list may forget, that one may not.
 */
export class ReceivedPackets {
  readonly #ranges: number[] = []
  /**
   * The lowest of the numbers that came late, and the largest that there was when the last of them came: an ACK up to
   * there may have left before. Those that came after an ACK began to be waited for are counted apart, lest there be no end.
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

  /** The peer knows what was reported up to `packetNumber`: that need not be said again. The largest is always kept. */
  forgetUpTo(packetNumber: number): void {
    if (packetNumber > this.#lateSince) this.#onLateReported()
    this.#forget(Math.min(packetNumber, Math.min(this.#late, this.#later) - 1))
  }

  /** A slower path, or luck: what is known of an ACK that left before says nothing of this number. */
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
/** What is reported at most: older numbers are left out, and their packets sent again by a peer that needs to know. */
export const MAX_RANGES = 64
