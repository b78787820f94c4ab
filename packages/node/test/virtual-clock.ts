import type { VirtualLoop, VirtualTimer } from '@stt/testing'
import type { Clock } from '../src/time/clock.ts'

/** The time of a virtual network as the clock of a node on it. */
export const virtualClock = (loop: VirtualLoop): Clock => ({
  now: () => loop.now,
  setTimer: (callback, delay) => loop.after(delay, callback),
  clearTimer: timer => loop.cancel(timer as VirtualTimer | undefined),
  afterReads: callback => queueMicrotask(callback),
})
