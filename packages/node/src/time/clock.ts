/** Time and timers, given from outside: whole nodes run in virtual time under test. */
export interface Clock {
  /** Milliseconds that never go back. */
  now(): number
  /** Calls `callback` once, `delay` milliseconds from now. */
  setTimer(callback: () => void, delay: number): unknown
  clearTimer(handle: unknown): void
  /** Calls `callback` once what the sockets hold now was read, or, where that cannot be known, at the end of this turn. */
  afterReads(callback: () => void): void
}

export const systemClock: Clock = {
  now: () => performance.now(),
  setTimer: (callback, delay) => setTimeout(callback, delay),
  clearTimer: handle => clearTimeout(handle as ReturnType<typeof setTimeout> | undefined),
  afterReads: callback => queueMicrotask(callback),
}
