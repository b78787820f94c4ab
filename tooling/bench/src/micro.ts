import type { Contestant } from './benchmark.ts'

/**
 * A contestant that calls `operation` in a loop for about `milliseconds` and gives thousand operations a second.
 *
 * @param operation what is timed; it returns something that depends on its work, so that the work cannot be left out
 */
export function micro(name: string, operation: () => unknown, milliseconds = 60): Contestant {
  let iterations = 0
  return {
    name,
    measure() {
      if (iterations === 0) iterations = warmUp(operation, milliseconds)
      return iterations / time(operation, iterations)
    },
  }
}

/**
 * Runs `operation` until the engine has had time to compile it, and gives how often it runs in `milliseconds` at its best:
 * an interruption by another process must not pass for a slow operation.
 */
function warmUp(operation: () => unknown, milliseconds: number): number {
  const start = performance.now()
  let best = Number.POSITIVE_INFINITY
  for (let iterations = 1; performance.now() - start < WARM_UP_ROUNDS * milliseconds; ) {
    const elapsed = time(operation, iterations)
    best = Math.min(best, elapsed / iterations)
    if (elapsed < milliseconds / 8) iterations *= 2
  }
  return Math.max(1, Math.round(milliseconds / best))
}

function time(operation: () => unknown, iterations: number): number {
  const start = performance.now()
  for (let iteration = 0; iteration < iterations; iteration++) {
    if (operation() === undefined) throw new TypeError('an operation must return something that depends on its work')
  }
  return performance.now() - start
}

const WARM_UP_ROUNDS = 5
