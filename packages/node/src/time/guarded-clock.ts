import type { Clock } from './clock.ts'
import type { Guard } from './guard.ts'

/** `clock`, with a guard around everything that it calls. */
export const guardedClock = (clock: Clock, guard: Guard): Clock => ({
  now: () => clock.now(),
  setTimer: (callback, delay) => clock.setTimer(guard.wrap(callback), delay),
  clearTimer: handle => clock.clearTimer(handle),
  // Called once for each burst of packets: what is given here guards itself.
  afterReads: callback => clock.afterReads(callback),
})
