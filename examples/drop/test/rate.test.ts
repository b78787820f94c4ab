import { expect, test } from 'vitest'
import { describeProgress, describeSize, describeTime, Rate } from '../page/rate.ts'

test('a rate is of the last seconds, and there is none before there is something to go by', () => {
  const rate = new Rate()
  expect(rate.perSecond).toBe(undefined)
  rate.add(0, 1_000)
  rate.add(1_000, 1_200)
  expect(rate.perSecond).toBe(undefined)
  rate.add(2_000, 2_000)
  expect(rate.perSecond).toBe(2_000)
  // What was long ago does not count: it stood still for most of the last five seconds.
  for (let at = 3_000; at <= 12_000; at += 1_000) rate.add(2_000, at)
  expect(rate.perSecond).toBe(0)
})

test('numbers are short, and time is what is left', () => {
  expect([0, 999, 1_000, 12_345, 200e6, 2.15e9].map(describeSize)).toEqual(['0 B', '999 B', '1.0 kB', '12.3 kB', '200 MB', '2.1 GB']) // biome-ignore format: one line
  expect([0.2, 59, 90, 7_300].map(describeTime)).toEqual(['1 s', '59 s', '2 min', '2 h 2 min'])
  expect(describeProgress(50e6, 200e6, 10e6)).toBe('50.0 MB of 200 MB, 10.0 MB/s, 15 s left')
  expect(describeProgress(200e6, 200e6, 10e6)).toBe('200 MB of 200 MB, 10.0 MB/s')
  expect(describeProgress(5, 10, undefined)).toBe('5 B of 10 B')
})
