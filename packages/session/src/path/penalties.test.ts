import { expect, test } from 'vitest'
import { Penalties } from './penalties.ts'

// spec: STT-PKT-54
test('ten seconds at first, twice as long each time, five minutes at most', () => {
  const penalties = new Penalties()
  expect(penalties.until('a')).toBe(Number.NEGATIVE_INFINITY)
  const delays: number[] = []
  for (let now = 0; delays.length < 8; now += 1_000_000) {
    penalties.add('a', now)
    delays.push(penalties.until('a') - now)
  }
  expect(delays).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000])
})

test('each address has its own, and of sixteen the oldest makes room', () => {
  const penalties = new Penalties()
  for (let i = 0; i < 16; i++) penalties.add(`${i}`, i)
  penalties.add('0', 100)
  expect(penalties.until('0')).toBe(20_100)
  penalties.add('16', 200)
  expect([penalties.until('1'), penalties.until('0'), penalties.until('2'), penalties.until('16')]).toEqual([
    Number.NEGATIVE_INFINITY,
    20_100,
    10_002,
    10_200,
  ])
})
