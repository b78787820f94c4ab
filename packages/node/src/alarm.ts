import type { Clock } from './clock.ts'

/**
 * One timer that rings at or shortly before the time asked for last. Moving it later costs nothing: it rings early
 * once, and whoever answers asks again.
 */
export class Alarm {
  readonly #clock: Clock
  readonly #ring: () => void
  #handle: unknown
  #at = Number.POSITIVE_INFINITY

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock
    this.#ring = ring
  }

  /** @param at milliseconds of the clock; `Infinity` asks for nothing */
  set(at: number): void {
    if (at >= this.#at) return
    this.cancel()
    this.#at = at
    const delay = Math.min(Math.max(0, Math.ceil(at - this.#clock.now())), LONGEST_TIMEOUT)
    this.#handle = this.#clock.setTimer(() => {
      this.#at = Number.POSITIVE_INFINITY
      this.#ring()
    }, delay)
  }

  cancel(): void {
    this.#clock.clearTimer(this.#handle)
    this.#at = Number.POSITIVE_INFINITY
  }
}

const LONGEST_TIMEOUT = 2 ** 31 - 1
