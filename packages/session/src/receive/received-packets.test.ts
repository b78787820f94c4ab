import { runs } from '@stt/vitest-config/runs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
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
        for (const number of numbers.sort((a, b) => a - b)) received.add(number)
        received.forgetUpTo(upTo)
        const kept = new Set(numbers.filter(number => number > upTo))
        if (kept.size > 0) expect(received.ranges).toEqual(rangesOf(kept))
        else expect(received.ranges).toEqual(rangesOf(new Set(numbers)).slice(0, 2))
      }),
      runs(),
    )
  })

  test('what came late, as over a slower path, is reported until the peer knows an ACK that said so', () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ arrives: fc.nat(60) }) },
      { weight: 1, arbitrary: fc.constant('ACK is sent' as const) },
      { weight: 1, arbitrary: fc.constant('ACK is known' as const) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), steps => {
        const received = new ReceivedPackets()
        const all = new Set<number>()
        const known = new Set<number>()
        const sent: { readonly largest: number; readonly numbers: ReadonlySet<number> }[] = []
        for (const each of steps) {
          if (typeof each === 'object') {
            if (!all.has(each.arrives)) received.add(each.arrives)
            all.add(each.arrives)
          } else if (each === 'ACK is sent') sent.push({ largest: received.largest, numbers: new Set(all) })
          else {
            const ack = sent.shift()
            if (!ack || ack.largest < 0) continue
            received.forgetUpTo(ack.largest)
            for (const number of ack.numbers) known.add(number)
          }
          const { ranges } = received
          const isReported = (number: number): boolean =>
            ranges.some((highest, i) => i % 2 === 0 && number <= highest && number >= ranges[i + 1]!)
          for (const number of all) if (!known.has(number)) expect(isReported(number)).toBe(true)
        }
      }),
      runs(),
    )
  })

  test('what came late is forgotten in the end, also where numbers come late all the time', () => {
    const received = new ReceivedPackets()
    for (let number = 0; number < 10_000; number += 2) {
      received.add(number + 1)
      received.add(number)
      if (number >= 100) received.forgetUpTo(number - 100)
    }
    received.forgetUpTo(9_998)
    received.add(10_001)
    received.forgetUpTo(10_000)
    received.forgetUpTo(10_001)
    expect(received.ranges.length).toBeLessThanOrEqual(4)
    expect(received.ranges.at(-1)).toBeGreaterThan(9_800)
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
