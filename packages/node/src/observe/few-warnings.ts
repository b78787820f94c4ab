import type { Clock } from '../time/clock.ts'

/**
 * `warn`, ten times a minute at most: a peer that can make a node warn is not to fill its log. What is left out is counted
 * in the statistics all the same.
 */
export function fewWarnings(warn: (error: Error) => void, { now }: Pick<Clock, 'now'>): (error: Error) => void {
  let minute = Number.NEGATIVE_INFINITY
  let told = 0
  return error => {
    if (now() - minute >= 60_000) {
      minute = now()
      told = 0
    }
    if (told++ < MOST_A_MINUTE) warn(error)
  }
}

const MOST_A_MINUTE = 10
