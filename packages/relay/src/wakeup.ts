/** Calls back at an engine's next deadline. The timer does not keep the process alive. */
export class Wakeup {
  readonly #callback: () => void
  #timer: NodeJS.Timeout | undefined

  constructor(callback: () => void) {
    this.#callback = callback
  }

  /** @param at milliseconds of the same clock as `now`; `Infinity` cancels */
  at(at: number, now: number): void {
    clearTimeout(this.#timer)
    if (at === Number.POSITIVE_INFINITY) return
    // Rounded up: after a timer that comes too early, another one would be needed.
    this.#timer = setTimeout(this.#callback, Math.min(Math.ceil(at - now), LONGEST_TIMER)).unref()
  }

  cancel(): void {
    clearTimeout(this.#timer)
  }
}

/** The longest time that a timer takes, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1
