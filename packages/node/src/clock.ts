/** Time and timers, given from outside: whole nodes run in virtual time under test. */
export interface Clock {
  /** Milliseconds that never go back. */
  now(): number
  /** Calls `callback` once, `delay` milliseconds from now. */
  setTimer(callback: () => void, delay: number): unknown
  clearTimer(handle: unknown): void
}

export const systemClock: Clock = {
  now: () => performance.now(),
  setTimer: (callback, delay) => setTimeout(callback, delay),
  clearTimer: handle => clearTimeout(handle as ReturnType<typeof setTimeout> | undefined),
}
