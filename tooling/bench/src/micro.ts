import type { Contestant } from './benchmark.ts'

/**
 * A contestant that calls `operation` in a loop for about `milliseconds` and gives thousand operations a second.
 *
 * @param operation what is timed; it returns something that depends on the work, so that the work cannot be left out
 */
export function micro(name: string, operation: () => unknown, milliseconds = 60): Contestant {
  let iterations = 0
  return {
    name,
    measure() {
      if (iterations === 0) iterations = calibrate(operation, milliseconds)
      return iterations / time(operation, iterations)
    },
  }
}

/** Also what warms `operation` up: the loop is repeated, doubled, until it takes long enough. */
function calibrate(operation: () => unknown, milliseconds: number): number {
  for (let iterations = 1; ; iterations *= 2) {
    const elapsed = time(operation, iterations)
    if (elapsed >= milliseconds) return Math.max(1, Math.round((iterations * milliseconds) / elapsed))
  }
}

function time(operation: () => unknown, iterations: number): number {
  const start = performance.now()
  for (let iteration = 0; iteration < iterations; iteration++) sink = operation()
  return performance.now() - start
}

/** Where results go, so that no call is dead code. */
export let sink: unknown
