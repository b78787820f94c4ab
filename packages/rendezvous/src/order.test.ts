import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { orderRelays } from './names.ts'

const urls = fc
  .uniqueArray(fc.integer({ min: 0, max: 10_000 }), { minLength: 2, maxLength: 8 })
  .map(numbers => numbers.map(number => `wss://relay-${number}.example/`))

const homes = (count: number, salt: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => Uint8Array.of(salt >>> 8, salt, i >>> 8, i, 0, 0, 0, 0))

// spec: STT-RLY-22
describe('the order of relays', () => {
  test('without one relay is the same list without it: only the nodes of that relay move', () => {
    fc.assert(
      fc.property(urls, fc.nat(7), fc.uint8Array({ minLength: 8, maxLength: 8 }), (all, at, home) => {
        const lost = all[at % all.length]!
        const left = all.filter(each => each !== lost)
        expect(orderRelays(home, left)).toEqual(orderRelays(home, all).filter(each => each !== lost))
        // In whatever order they are configured.
        expect(orderRelays(home, [...all].reverse())).toEqual(orderRelays(home, all))
      }),
    )
  })

  test('gives each of N its Nth part, so that losing one of them moves one in N', () => {
    const count = 2_000
    fc.assert(
      fc.property(urls, fc.nat(7), fc.nat(65_535), (all, at, salt) => {
        const lost = all[at % all.length]!
        const moved = homes(count, salt).filter(home => orderRelays(home, all)[0] === lost).length
        const share = count / all.length
        // Six standard deviations of a fair draw.
        const spread = 6 * Math.sqrt(share * (1 - 1 / all.length))
        expect(Math.abs(moved - share)).toBeLessThanOrEqual(spread)
      }),
      { numRuns: 20 },
    )
  })
})
