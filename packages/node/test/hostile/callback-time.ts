import { createHook } from 'node:async_hooks'
import { openSync, readSync } from 'node:fs'
import { PerformanceObserver, performance } from 'node:perf_hooks'

export interface CallbackTime {
  /** Milliseconds of CPU time of the longest callback so far, what the collector took apart. */
  readonly longest: number
  /** What called it, by Node's name, as `TCPWRAP` or `Timeout`; a promise has none. */
  readonly caller: string
}

/**
 * Measures every callback that runs from now on: what a socket, a timer, or a settled promise calls. CPU time is this
 * thread's where the system tells it, else the process's, with what compilers and collectors beside it take; a callback is
 * never longer than the clock says.
 */
export function watchCallbacks(): CallbackTime {
  const collections: { readonly start: number; readonly duration: number }[] = []
  new PerformanceObserver(list => {
    for (const { startTime, duration } of list.getEntries()) collections.push({ start: startTime, duration })
    collections.splice(0, collections.length - 256)
  }).observe({ entryTypes: ['gc'] })

  let longest = 0
  let caller = 'nothing'
  const types = new Map<number, string>()
  let resource = 0
  let depth = 0
  let startedAt = 0
  let askedAt = Number.NEGATIVE_INFINITY
  let cpuThen = 0
  const cpu = threadTime() ?? processTime
  /** Entries of the collector come a turn later, so a suspicious callback is judged then. */
  const judge = (from: number, to: number, spent: number, by: string): void => {
    const collected = collections
      .filter(({ start, duration }) => start < to && start + duration > from)
      .reduce((sum, { duration }) => sum + duration, 0)
    if (spent - collected <= longest) return
    longest = spent - collected
    caller = by
  }
  createHook({
    init(id, type) {
      // There are as many promises as there are calls: remembering them would show in the memory that is measured.
      if (type !== 'PROMISE') types.set(id, type)
    },
    destroy: id => void types.delete(id),
    before(id) {
      if (depth++ > 0) return
      resource = id
      startedAt = performance.now()
      // Asking costs more than most callbacks do: one that began a millisecond later is charged for that.
      if (startedAt - askedAt < 1) return
      askedAt = startedAt
      cpuThen = cpu()
    },
    after() {
      // The callback in which the watch began was never seen to begin.
      if (depth === 0 || --depth > 0) return
      const now = performance.now()
      const elapsed = now - startedAt
      if (elapsed <= Math.max(longest, NOTEWORTHY)) return
      const spent = Math.min(elapsed, cpu() - cpuThen)
      const from = startedAt
      setTimeout(judge, 50, from, now, spent, types.get(resource) ?? 'a promise')
    },
  }).enable()
  return {
    get longest() {
      return longest
    },
    get caller() {
      return caller
    },
  }
}

/** Milliseconds of CPU time of this process. */
function processTime(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

/** What tells the milliseconds of CPU time of this thread: Linux does, to about a millisecond. */
function threadTime(): (() => number) | undefined {
  try {
    const file = openSync('/proc/thread-self/schedstat', 'r')
    const text = Buffer.alloc(64)
    const read = (): number => {
      readSync(file, text, 0, text.length, 0)
      return Number(text.toString('latin1', 0, text.indexOf(' '))) / 1e6
    }
    return Number.isFinite(read()) ? read : undefined
  } catch {
    // Another system: the process's time is what there is.
    return undefined
  }
}

/** Milliseconds below which nobody asks further. */
const NOTEWORTHY = 5
