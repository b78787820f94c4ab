import { provider } from '@stt/crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededEntropy } from '../../test/support.ts'
import { ConnectionIds } from './connection-ids.ts'
import { RetryTokens } from './retry-tokens.ts'
import { SeenMacs } from './seen-macs.ts'
import { TimerQueue } from './timer-queue.ts'
import { TokenBuckets } from './token-buckets.ts'

// spec: STT-HS-35
describe('TokenBuckets', () => {
  test('give a burst at once and then their rate', () => {
    const buckets = new TokenBuckets({ rate: 10, burst: 3 }, 100)
    const take = (times: number, now: number): boolean[] =>
      Array.from({ length: times }, () => buckets.consume('a', now))
    expect(take(4, 0)).toEqual([true, true, true, false])
    expect(take(2, 100)).toEqual([true, false])
    expect(take(1, 199)).toEqual([false])
    expect(take(4, 100_000)).toEqual([true, true, true, false])
    expect(buckets.consume('b', 100_000)).toBe(true)
  })

  test('never give more than burst + rate × time', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 200 }), pauses => {
        const buckets = new TokenBuckets({ rate: 20, burst: 5 }, 10)
        let now = 0
        let taken = 0
        for (const pause of pauses) {
          now += pause
          if (buckets.consume('a', now)) taken++
        }
        expect(taken).toBeLessThanOrEqual(5 + (20 * now) / 1_000)
      }),
    )
  })

  test('are bounded in number: the one longest unused goes', () => {
    const buckets = new TokenBuckets({ rate: 1, burst: 1 }, 3)
    for (const key of ['a', 'b', 'c']) buckets.consume(key, 0)
    buckets.consume('a', 2_000)
    buckets.consume('d', 2_000)
    expect(buckets.size).toBe(3)
    expect(buckets.consume('a', 2_000)).toBe(false)
  })
})

// spec: STT-HS-31
describe('SeenMacs', () => {
  test('remember for ten minutes and 65,536 at most', () => {
    const seen = new SeenMacs()
    seen.add('a', 0)
    expect([seen.has('a', 599_999), seen.has('a', 600_000), seen.has('b', 0)]).toEqual([true, false, false])
    for (let i = 0; i < 65_536; i++) seen.add(String(i), 1)
    expect(seen.size).toBe(65_536)
    expect([seen.has('a', 2), seen.has('0', 2)]).toEqual([false, true])
    seen.add('late', 700_000)
    expect(seen.size).toBe(1)
  })
})

// spec: STT-HS-34
describe('RetryTokens', () => {
  const address = 'udp://10.0.0.7:7'

  test('know their own again under the current key and the one before', () => {
    const tokens = new RetryTokens(provider, seededEntropy('tokens'))
    const token = tokens.issue(address, 119_000)
    expect(tokens.verify(token, address, 119_000)).toBe(true)
    expect(tokens.verify(token, address, 134_000)).toBe(true)
    // The key changes 120 s after the first use, at 239 s.
    const late = tokens.issue(address, 238_000)
    expect(tokens.verify(late, address, 240_000)).toBe(true)
  })

  test('are made under a new random key every 120 seconds', () => {
    let draws = 0
    const entropy = seededEntropy('tokens')
    const tokens = new RetryTokens(provider, length => {
      draws++
      return entropy(length)
    })
    const drawn = [0, 119_999, 120_000, 239_999, 240_000, 900_000].map(now => {
      tokens.issue(address, now)
      return draws
    })
    expect(drawn).toEqual([2, 2, 3, 3, 4, 6])
  })

  test('are no good once both keys were changed, whatever time they carry', () => {
    const tokens = new RetryTokens(provider, seededEntropy('tokens'))
    const token = tokens.issue(address, 1_000)
    tokens.verify(token, address, 500_000)
    expect(tokens.verify(token, address, 1_000)).toBe(false)
  })

  test('live 15 seconds and do not come from the future', () => {
    const tokens = new RetryTokens(provider, seededEntropy('tokens'))
    const token = tokens.issue(address, 10_000)
    expect([15_000, 25_999].map(now => tokens.verify(token, address, now))).toEqual([true, true])
    expect([26_000, 9_000].map(now => tokens.verify(token, address, now))).toEqual([false, false])
    expect(tokens.verify(token.slice(1), address, 15_000)).toBe(false)
  })

  test('keep their time when the clock’s 32 bits turn over', () => {
    const turn = 2 ** 32 * 1_000
    const tokens = new RetryTokens(provider, seededEntropy('tokens'))
    const token = tokens.issue(address, turn - 3_000)
    expect([turn, turn + 12_000, turn + 13_000].map(now => tokens.verify(token, address, now))).toEqual([
      true,
      true,
      false,
    ])
  })
})

describe('TimerQueue', () => {
  test('gives what is due in order, and forgets what was put off', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 })), times => {
        const queue = new TimerQueue<{ deadline: number }>()
        const items = times.map(deadline => ({ deadline }))
        for (const item of items) queue.schedule(item)
        const putOff = items.filter((_, i) => i % 3 === 0)
        for (const item of putOff) {
          item.deadline += 100
          queue.schedule(item)
        }
        const taken: number[] = []
        for (let item = queue.popDue(1_000); item; item = queue.popDue(1_000)) taken.push(item.deadline)
        expect(taken).toEqual(items.map(({ deadline }) => deadline).sort((a, b) => a - b))
        expect(queue.deadline).toBe(Number.POSITIVE_INFINITY)
      }),
    )
  })

  test('gives nothing before its time', () => {
    const queue = new TimerQueue<{ deadline: number }>()
    queue.schedule({ deadline: 10 })
    queue.schedule({ deadline: Number.POSITIVE_INFINITY })
    expect([queue.deadline, queue.popDue(9)]).toEqual([10, undefined])
    expect(queue.popDue(10)).toEqual({ deadline: 10 })
  })
})

// spec: STT-HS-7
test('a connection id is never zero, never one that is in use', () => {
  const draws = [0, 1, 2, 3].map(byte => new Uint8Array(8).fill(byte))
  const ids = new ConnectionIds(
    () => draws.shift()!,
    key => key === '\x01'.repeat(8),
    id => id[0] === 2,
  )
  expect(ids.next()).toEqual(new Uint8Array(8).fill(3))
})
