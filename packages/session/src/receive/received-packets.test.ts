import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runs } from '../../test/runs.ts'
import { MAX_RANGES, ReceivedPackets } from './received-packets.ts'

/** Ranges of a set of numbers as the rule is written: runs of consecutive ones, newest first. */
function rangesOf(numbers: ReadonlySet<number>): number[] {
  const ranges: number[] = []
  for (const number of [...numbers].sort((a, b) => b - a)) {
    if (ranges.length > 0 && ranges.at(-1) === number + 1) ranges[ranges.length - 1] = number
    else ranges.push(number, number)
  }
  return ranges
}

describe('ReceivedPackets', () => {
  test('agrees with a set of numbers, in any order of arrival', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(60), { minLength: 1 }), numbers => {
        const received = new ReceivedPackets()
        const model = new Set<number>()
        for (const number of numbers) {
          received.add(number)
          model.add(number)
          expect(received.ranges).toEqual(rangesOf(model))
          expect(received.largest).toBe(Math.max(...model))
        }
      }),
      runs(),
    )
  })

  test('what the peer knows is forgotten, but never the largest', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(60), { minLength: 1 }), fc.nat(70), (numbers, upTo) => {
        const received = new ReceivedPackets()
        for (const number of numbers) received.add(number)
        received.forgetUpTo(upTo)
        const kept = new Set(numbers.filter(number => number > upTo))
        if (kept.size > 0) expect(received.ranges).toEqual(rangesOf(kept))
        else expect(received.ranges).toEqual(rangesOf(new Set(numbers)).slice(0, 2))
      }),
      runs(),
    )
  })

  test('the newest ranges are kept when there are too many', () => {
    const received = new ReceivedPackets()
    for (let number = 0; number < 1_000; number += 2) received.add(number)
    expect(received.ranges.length).toBe(2 * MAX_RANGES)
    expect(received.ranges.slice(0, 4)).toEqual([998, 998, 996, 996])
    received.add(1)
    expect(received.ranges.length).toBe(2 * MAX_RANGES)
    expect(received.ranges.at(-1)).toBe(998 - 2 * (MAX_RANGES - 1))
  })
})
