/** Gives the time to wait so that sending keeps to a rate, with bursts of a quarter of a second. */
export class Pacer {
  readonly #rate: number
  #at: number | undefined

  /** @param rate bytes a second */
  constructor(rate: number) {
    this.#rate = rate
  }

  /**
   * @param length bytes that are about to go out
   * @param now milliseconds of any clock that never goes back
   * @returns milliseconds to wait before
   */
  take(length: number, now: number): number {
    const earliest = now - BURST
    const at = Math.max(this.#at ?? earliest, earliest)
    this.#at = at + (length / this.#rate) * 1_000
    return Math.max(0, at - now)
  }
}

const BURST = 250
