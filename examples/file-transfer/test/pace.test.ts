import { expect, test } from 'vitest'
import { Pace } from '../src/pace.ts'

test('a file is slow from a third of it on, until it is to hurry', async () => {
  const slow: number[] = []
  const pace = new Pace(1_200_000, sent => slow.push(sent))
  expect(pace.step).toBe(100_000)
  await pace.turn(399_999)
  expect(slow).toEqual([])
  const turn = pace.turn(400_000)
  expect(slow).toEqual([400_000])
  expect(pace.step).toBeLessThan(2_000)
  pace.hurry()
  await turn
  await pace.turn(500_000)
  expect(slow).toEqual([400_000])
  expect(pace.step).toBe(100_000)
})
