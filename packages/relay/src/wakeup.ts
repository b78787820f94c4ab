/** Calls back when an engine wants to be asked again. The timer keeps no process alive. */
export class Wakeup {
  readonly #callback: () => void
  #timer: NodeJS.Timeout | undefined

  constructor(callback: () => void) {
    this.#callback = callback
  }

  /** @param at milliseconds of the same clock as `now`; `Infinity`: not any more */
  at(at: number, now: number): void {
    clearTimeout(this.#timer)
    if (at === Number.POSITIVE_INFINITY) return
    // Rounded up: a timer that comes too early would only be set again.
    this.#timer = setTimeout(this.#callback, Math.min(Math.ceil(at - now), LONGEST_TIMER)).unref()
  }

  cancel(): void {
    clearTimeout(this.#timer)
  }
}

/** Milliseconds: what a timer takes. */
const LONGEST_TIMER = 2 ** 31 - 1
