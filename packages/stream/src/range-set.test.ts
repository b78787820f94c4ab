import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RangeSet } from './range-set.ts'

test('adding and removing ranges agrees with a set of numbers, and ranges never touch', () => {
  const operation = fc.record({ add: fc.boolean(), start: fc.nat(40), length: fc.nat(12) })
  fc.assert(fc.property(fc.array(operation, { maxLength: 40 }), agrees))
})

test('the same with more ranges than one array holds', () => {
  const combs = Array.from({ length: 1_500 }, (_, i) => ({ add: true, start: i * 2, length: 1 }))
  const operation = fc.record({ add: fc.boolean(), start: fc.nat(3_000), length: fc.oneof(fc.nat(3), fc.nat(1_500)) })
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 12 }), operations => agrees([...combs, ...operations])),
    { numRuns: 15 },
  )
})

test('ranges in any order, and what one range swallows or cuts out of them', () => {
  const ranges = new RangeSet()
  for (let i = 0; i < 5_000; i++) {
    const place = (i * 1_237) % 5_000
    ranges.add(place * 2, place * 2 + 1)
  }
  expect(ranges.count).toBe(5_000)
  ranges.remove(4_001, 8_000)
  expect(ranges.count).toBe(3_001)
  ranges.add(1, 9_998)
  expect([ranges.count, ranges.firstStart, ranges.firstEnd]).toEqual([1, 0, 9_999])
  ranges.remove(0, 9_999)
  expect([ranges.isEmpty, ranges.seek(0)]).toEqual([true, false])
})

test('seek finds the first range that ends above an offset', () => {
  const ranges = new RangeSet()
  ranges.add(10, 20)
  ranges.add(30, 40)
  const found = [0, 10, 19, 20, 39, 40].map(offset => (ranges.seek(offset) ? ranges.foundStart : undefined))
  expect(found).toEqual([10, 10, 10, 30, 30, undefined])
})

test('removeFirst and clear', () => {
  const ranges = new RangeSet()
  ranges.add(1, 2)
  ranges.add(4, 6)
  ranges.removeFirst()
  expect(members(ranges)).toEqual([4, 5])
  ranges.clear()
  expect(ranges.isEmpty).toBe(true)
})

function agrees(operations: readonly { add: boolean; start: number; length: number }[]): void {
  const ranges = new RangeSet()
  const model = new Set<number>()
  for (const { add, start, length } of operations) {
    if (add) ranges.add(start, start + length)
    else ranges.remove(start, start + length)
    for (let i = start; i < start + length; i++) add ? model.add(i) : model.delete(i)
  }
  expect(members(ranges)).toEqual([...model].sort((a, b) => a - b))
}

function members(ranges: RangeSet): number[] {
  const all: number[] = []
  let before = -1
  let count = 0
  for (let at = 0; ranges.seek(at); at = ranges.foundEnd) {
    expect(ranges.foundStart).toBeGreaterThan(before)
    for (let n = ranges.foundStart; n < ranges.foundEnd; n++) all.push(n)
    before = ranges.foundEnd
    count++
  }
  expect(ranges.count).toBe(count)
  return all
}
