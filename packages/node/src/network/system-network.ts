import { systemClock } from '../time/clock.ts'
import type { WatchNetwork } from './network-watch.ts'
import { systemInterfaces } from './system-interfaces.ts'
import { watchInterfaces } from './watch-interfaces.ts'

/** Watches the network of the machine that Node runs on. @param warn told once that that cannot be done */
export const watchSystemNetwork = (warn: (error: Error) => void): WatchNetwork =>
  watchInterfaces({
    // Only sessions keep a program running, not the watch on its interfaces.
    clock: { ...systemClock, setTimer: (callback, delay) => setTimeout(callback, delay).unref() },
    wallClock: () => Date.now(),
    readInterfaces: systemInterfaces,
    warn,
  })
