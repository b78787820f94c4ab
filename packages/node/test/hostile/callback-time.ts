import { createHook } from 'node:async_hooks'
import { PerformanceObserver, performance } from 'node:perf_hooks'

export interface CallbackTime {
  /** Milliseconds of CPU time of the longest callback so far, what the collector took apart. */
  readonly longest: number
}

/**
 * Measures every callback that runs from now on: what a socket, a timer, or a settled promise calls. CPU time is the
 * process's, so that another thread's work may count as a callback's; a callback is never longer than the clock says.
 */
export function watchCallbacks(): CallbackTime {
  const collections: { readonly start: number; readonly duration: number }[] = []
  new PerformanceObserver(list => {
    for (const { startTime, duration } of list.getEntries()) collections.push({ start: startTime, duration })
    collections.splice(0, collections.length - 256)
  }).observe({ entryTypes: ['gc'] })

  let longest = 0
  let depth = 0
  let startedAt = 0
  let startedCpu = 0
  const cpu = (): number => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1_000
  }
  /** Entries of the collector come a turn later, so a suspicious callback is judged then. */
  const judge = (from: number, to: number, spent: number): void => {
    const collected = collections
      .filter(({ start, duration }) => start < to && start + duration > from)
      .reduce((sum, { duration }) => sum + duration, 0)
    longest = Math.max(longest, spent - collected)
  }
  createHook({
    before() {
      if (depth++ > 0) return
      startedAt = performance.now()
      startedCpu = cpu()
    },
    after() {
      // The callback in which the watch began was never seen to begin.
      if (depth === 0 || --depth > 0) return
      const now = performance.now()
      const elapsed = now - startedAt
      if (elapsed <= Math.max(longest, NOTEWORTHY)) return
      const spent = Math.min(elapsed, cpu() - startedCpu)
      const from = startedAt
      setTimeout(judge, 50, from, now, spent)
    },
  }).enable()
  return {
    get longest() {
      return longest
    },
  }
}

/** Milliseconds below which nobody asks further. */
const NOTEWORTHY = 5
