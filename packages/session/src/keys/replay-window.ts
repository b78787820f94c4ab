/**
 * Records which packet numbers have been received, as RFC 6479 does: in a ring of words, of which whole words are cleared as
 * the window moves, so bits are never shifted. It covers the newest 8,192 numbers, and once widened the newest 65,536:
 * packets of several links overtake one another by as many as may be outstanding.
 */
export class ReplayWindow {
  #size = REPLAY_WINDOW
  /** Starts small: most sessions receive a handful of packets. */
  #words = new Uint32Array(FIRST_WORDS)
  #highest = -1

  /** The highest number accepted so far; -1 before the first. */
  get highest(): number {
    return this.#highest
  }

  /** Whether `packetNumber` is new. Asked before the packet is opened; changes no state. */
  // spec: STT-PKT-6
  isNew(packetNumber: number): boolean {
    if (packetNumber > this.#highest) return true
    if (packetNumber + this.#size <= this.#highest) return false
    return (this.#words[this.#placeOf(packetNumber)]! & bitOf(packetNumber)) === 0
  }

  /** Marks `packetNumber`, for which `isNew` answered true, as received. Called only once its tag verified. */
  // spec: STT-PKT-6
  accept(packetNumber: number): void {
    if (packetNumber > this.#highest) this.#moveTo(packetNumber)
    this.#words[this.#placeOf(packetNumber)]! |= bitOf(packetNumber)
  }

  /** Covers more numbers from now on. Numbers that are already too old stay so: it is not known if they were received. */
  // spec: STT-PKT-6
  widen(): void {
    if (this.#size === WIDE_REPLAY_WINDOW) return
    const known = this.#words
    const oldest = Math.max(0, this.#highest - this.#size + 1)
    const first = Math.floor(oldest / 32)
    const last = Math.floor(Math.max(this.#highest, 0) / 32)
    const words = new Uint32Array(wordsFor(WIDE_REPLAY_WINDOW)).fill(ALL_RECEIVED)
    for (let word = first; word <= last; word++) words[word % words.length] = known[word % known.length]!
    words[first % words.length]! |= bitOf(oldest) - 1
    this.#words = words
    this.#size = WIDE_REPLAY_WINDOW
  }

  #moveTo(packetNumber: number): void {
    this.#growFor(packetNumber)
    const words = this.#words
    const from = Math.floor(Math.max(this.#highest, 0) / 32)
    const steps = Math.min(Math.floor(packetNumber / 32) - from, words.length)
    for (let i = 1; i <= steps; i++) words[(from + i) % words.length] = 0
    this.#highest = packetNumber
  }

  /** Until the window is full, each word is still in its first place. */
  #growFor(packetNumber: number): void {
    const all = wordsFor(this.#size)
    const known = this.#words
    if (known.length === all || packetNumber < 32 * known.length) return
    const wanted = Math.max(2 * known.length, Math.floor(packetNumber / 32) + 1)
    this.#words = new Uint32Array(Math.min(all, wanted))
    this.#words.set(known)
  }

  #placeOf(packetNumber: number): number {
    return Math.floor(packetNumber / 32) % this.#words.length
  }
}

export const REPLAY_WINDOW: number = 8_192
export const WIDE_REPLAY_WINDOW: number = 65_536

const FIRST_WORDS = 8
const ALL_RECEIVED = 0xffff_ffff

// One word more than the window, so that the word being filled never holds numbers that are still in the window.
const wordsFor = (numbers: number): number => numbers / 32 + 1

const bitOf = (packetNumber: number): number => 1 << (packetNumber % 32)
