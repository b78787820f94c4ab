import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RangeSet } from './range-set.ts'

test('adding and removing ranges agrees with a set of numbers, and ranges never touch', () => {
  const operation = fc.record({ add: fc.boolean(), start: fc.nat(40), length: fc.nat(12) })
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 40 }), operations => {
      const ranges = new RangeSet()
      const model = new Set<number>()
      for (const { add, start, length } of operations) {
        if (add) ranges.add(start, start + length)
        else ranges.remove(start, start + length)
        for (let i = start; i < start + length; i++) add ? model.add(i) : model.delete(i)
      }
      expect(members(ranges)).toEqual([...model].sort((a, b) => a - b))
      for (let i = 1; i < ranges.count; i++) expect(ranges.start(i)).toBeGreaterThan(ranges.end(i - 1))
    }),
  )
})

test('findAbove gives the first range that ends above an offset', () => {
  const ranges = new RangeSet()
  ranges.add(10, 20)
  ranges.add(30, 40)
  expect([0, 10, 19, 20, 39, 40].map(offset => ranges.findAbove(offset))).toEqual([0, 0, 0, 1, 1, 2])
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

function members(ranges: RangeSet): number[] {
  const all: number[] = []
  for (let i = 0; i < ranges.count; i++) for (let n = ranges.start(i); n < ranges.end(i); n++) all.push(n)
  return all
}
