import type { Clock } from './clock.ts'

/**
 * One timer that rings at or shortly before the time asked for last. Moving it later costs nothing: it rings early
 * once, and its owner then asks again.
 */
export class Alarm {
  readonly #clock: Clock
  readonly #ring: (lateness: number) => void
  readonly #holdsOpen: boolean
  #handle: unknown
  #at = Number.POSITIVE_INFINITY

  /**
   * @param ring is told how many milliseconds too late it is called
   * @param holdsOpen whether a program that waits for nothing else goes on for it, where the platform's timers do that
   */
  constructor(clock: Clock, ring: (lateness: number) => void, holdsOpen = true) {
    this.#clock = clock
    this.#ring = ring
    this.#holdsOpen = holdsOpen
  }

  /** @param at milliseconds of the clock; `Infinity` asks for nothing */
  set(at: number): void {
    if (at >= this.#at) return
    this.cancel()
    this.#at = at
    const delay = Math.min(Math.max(0, Math.ceil(at - this.#clock.now())), LONGEST_TIMEOUT)
    this.#handle = this.#clock.setTimer(() => {
      const lateness = this.lateness(this.#clock.now())
      this.#at = Number.POSITIVE_INFINITY
      this.#ring(lateness)
    }, delay)
    if (!this.#holdsOpen) (this.#handle as { unref?(): unknown } | undefined)?.unref?.()
  }

  /** Milliseconds by which it should have rung before `now`; negative when it is not due. */
  lateness(now: number): number {
    return now - this.#at
  }

  cancel(): void {
    this.#clock.clearTimer(this.#handle)
    this.#at = Number.POSITIVE_INFINITY
  }
}

const LONGEST_TIMEOUT = 2 ** 31 - 1
