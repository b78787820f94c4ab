/** The session clock: milliseconds that never go back. */
export const now = (): number => performance.now()

/**
 * One timer that rings at or shortly before the time asked for last. Moving it later costs nothing: it rings early
 * once, and whoever answers asks again.
 */
export class Alarm {
  readonly #ring: () => void
  #handle: ReturnType<typeof setTimeout> | undefined
  #at = Number.POSITIVE_INFINITY

  constructor(ring: () => void) {
    this.#ring = ring
  }

  /** @param at milliseconds of `now`; `Infinity` asks for nothing */
  set(at: number): void {
    if (at >= this.#at) return
    this.cancel()
    this.#at = at
    const delay = Math.min(Math.max(0, Math.ceil(at - now())), LONGEST_TIMEOUT)
    this.#handle = setTimeout(() => {
      this.#at = Number.POSITIVE_INFINITY
      this.#ring()
    }, delay)
  }

  cancel(): void {
    clearTimeout(this.#handle)
    this.#at = Number.POSITIVE_INFINITY
  }
}

const LONGEST_TIMEOUT = 2 ** 31 - 1
