/**
 * Which packet numbers have been received, as RFC 6479 keeps them: a ring of words in which whole words are cleared
 * as the window moves, so that nothing is ever shifted. The newest 8,192 numbers are told apart.
 */
export class ReplayWindow {
  readonly #words = new Uint32Array(RING_WORDS)
  #highest = -1

  /** The highest number accepted so far; -1 before the first. */
  get highest(): number {
    return this.#highest
  }

  /** Whether `packetNumber` is new. Asked before the packet is opened; changes nothing. */
  // spec: STT-PKT-6
  isNew(packetNumber: number): boolean {
    if (packetNumber > this.#highest) return true
    if (packetNumber + REPLAY_WINDOW <= this.#highest) return false
    return (this.#words[wordOf(packetNumber)]! & bitOf(packetNumber)) === 0
  }

  /** Marks `packetNumber`, for which `isNew` answered true, as received. Called only once its tag verified. */
  // spec: STT-PKT-6
  accept(packetNumber: number): void {
    if (packetNumber > this.#highest) this.#moveTo(packetNumber)
    this.#words[wordOf(packetNumber)]! |= bitOf(packetNumber)
  }

  #moveTo(packetNumber: number): void {
    const from = Math.floor(Math.max(this.#highest, 0) / 32)
    const steps = Math.min(Math.floor(packetNumber / 32) - from, RING_WORDS)
    for (let i = 1; i <= steps; i++) this.#words[(from + i) % RING_WORDS] = 0
    this.#highest = packetNumber
  }
}

export const REPLAY_WINDOW: number = 8_192

// One word more than the window: the word that is being filled never holds numbers that are still in the window.
const RING_WORDS = REPLAY_WINDOW / 32 + 1

const wordOf = (packetNumber: number): number => Math.floor(packetNumber / 32) % RING_WORDS
const bitOf = (packetNumber: number): number => 1 << (packetNumber % 32)
