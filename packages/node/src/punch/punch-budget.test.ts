import { expect, test } from 'vitest'
import { PunchBudget } from './punch-budget.ts'
import type { UsableCandidate } from './usable-candidates.ts'

const targets = (...addresses: string[]): UsableCandidate[] =>
  addresses.map(address => ({ source: 'host', address, port: 1, isNear: false }))

// spec: STT-PKT-66
test('a peer gets one round in two seconds', () => {
  const budget = new PunchBudget()
  expect(budget.take('a', targets('192.0.2.1'), 0)).toHaveLength(1)
  expect(budget.take('a', targets('192.0.2.2'), 1_999)).toEqual([])
  expect(budget.take('b', targets('192.0.2.3'), 1_999)).toHaveLength(1)
  expect(budget.take('a', targets('192.0.2.2'), 2_000)).toHaveLength(1)
})

// spec: STT-PKT-66
test('an address that does not answer gets two rounds in ten seconds, whoever names it and with whatever ports', () => {
  const budget = new PunchBudget()
  const addressesAt = (peer: string, now: number, ...addresses: string[]): string[] =>
    budget.take(peer, targets(...addresses), now).map(({ address }) => address)
  expect(addressesAt('a', 0, '192.0.2.1', '192.0.2.1')).toHaveLength(2)
  expect(addressesAt('b', 3_000, '192.0.2.1', '192.0.2.2')).toEqual(['192.0.2.1', '192.0.2.2'])
  expect(addressesAt('c', 5_000, '192.0.2.1', '192.0.2.2')).toEqual(['192.0.2.2'])
  budget.answered('192.0.2.1')
  expect(addressesAt('d', 6_000, '192.0.2.1')).toHaveLength(1)
  expect(addressesAt('d', 8_000, '192.0.2.1')).toHaveLength(1)
  expect(addressesAt('d', 15_999, '192.0.2.1')).toEqual([])
  expect(addressesAt('d', 16_000, '192.0.2.1')).toHaveLength(1)
  // In any ten seconds, and not in those that begin with a first one.
  expect(addressesAt('d', 17_999, '192.0.2.1')).toEqual([])
  expect(addressesAt('d', 18_000, '192.0.2.1')).toHaveLength(1)
  expect(addressesAt('d', 25_999, '192.0.2.1')).toEqual([])
})

// spec: STT-PKT-66
test('all peers together get 200 packets a second, however many addresses they name', () => {
  const budget = new PunchBudget()
  let taken = 0
  for (let i = 0; i < 10_000; i++) {
    const addresses = Array.from({ length: 8 }, (_, j) => `192.0.${i}.${j}`)
    taken += budget.take(String(i), targets(...addresses), i).length
  }
  expect(9 * taken).toBeLessThanOrEqual(200 * 11)
  expect(9 * taken).toBeGreaterThan(200 * 9)
})

// spec: STT-PKT-66
test('packets to addresses that nobody named count among these', () => {
  const budget = new PunchBudget()
  const admitted = Array.from({ length: 100 }, () => budget.admit(0)).filter(Boolean).length
  expect(admitted).toBe(22)
  expect(budget.take('a', targets('192.0.2.1'), 0)).toEqual([])
  expect(budget.take('a', targets('192.0.2.1'), 50)).toHaveLength(1)
  expect(budget.admit(50)).toBe(false)
})
