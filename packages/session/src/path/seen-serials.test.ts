import { runs } from '@stt/vitest-config/runs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SeenSerials } from './seen-serials.ts'

/** The same with a set of all that there were. */
function oracle(): (serial: number) => boolean {
  const seen = new Set<number>()
  let highest = 0
  return serial => {
    if (seen.has(serial) || serial <= highest - 32) return false
    seen.add(serial)
    highest = Math.max(highest, serial)
    return true
  }
}

const serials = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 80 }) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 2 ** 53 - 1 }) },
    { weight: 1, arbitrary: fc.integer({ min: 2 ** 32 - 40, max: 2 ** 32 + 40 }) },
  ),
  { maxLength: 200 },
)

// spec: STT-PKT-50
test('a number counts once, and those that are 32 below the highest not at all', () => {
  fc.assert(
    fc.property(serials, list => {
      const seen = new SeenSerials()
      const isNew = oracle()
      for (const serial of list) expect(seen.add(serial)).toBe(isNew(serial))
    }),
    runs(300),
  )
})

test.each([31, 32, 33, 63, 64, 2 ** 31, 2 ** 40])('%i further the first is as old as it is', ahead => {
  const seen = new SeenSerials()
  expect([seen.add(1), seen.add(1 + ahead), seen.add(1 + ahead), seen.add(ahead), seen.add(1)]).toEqual([
    true,
    true,
    false,
    true,
    false,
  ])
})
