import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { counting } from '../test/bytes.ts'
import { decodeBind, decodeBound, encodeBind, encodeBound, MappingJudge } from './observed-address.ts'

const nonce = counting(9, 8)
const seen = (port: number, address = '192.0.2.7') => ({ source: 'observed', address, port }) as const

// spec: STT-RLY-24
test('an answer is shorter than its question, and no packet of a session', () => {
  for (const address of ['192.0.2.7', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff']) {
    const bound = encodeBound(nonce, seen(65_535, address))
    expect(bound.length).toBeLessThan(encodeBind(nonce).length)
    expect([bound[0]! >> 6, encodeBind(nonce)[0]! >> 6]).toEqual([3, 3])
  }
})

// spec: STT-RLY-24
test('what is not exactly a question is not answered', () => {
  const bind = encodeBind(nonce)
  const changed = (at: number, value: number): Uint8Array => bind.map((byte, i) => (i === at ? value : byte))
  for (const datagram of [
    new Uint8Array(0),
    bind.subarray(0, 63),
    Uint8Array.of(...bind, 1),
    Uint8Array.of(...encodeBind(nonce, 1_472), 0),
    changed(0, 0xd1),
    changed(9, 1),
    changed(63, 1),
    encodeBound(nonce, seen(1)),
  ]) {
    expect(decodeBind(datagram)).toBeUndefined()
  }
})

// spec: STT-RLY-24
test('a question of any length up to that of an Ethernet is one, and zeros to its end', () => {
  for (const size of [64, 65, 1_200, 1_472]) {
    const bind = encodeBind(nonce, size)
    expect([bind.length, decodeBind(bind)]).toEqual([size, nonce])
    bind[size - 1] = 1
    expect(decodeBind(bind)).toBeUndefined()
  }
  expect([encodeBind(nonce, 0).length, encodeBind(nonce, 9_000).length]).toEqual([64, 1_472])
})

test('an answer to another question, or damaged, is none', () => {
  const bound = encodeBound(nonce, seen(1))
  expect(decodeBound(bound, counting(8, 8))).toBeUndefined()
  expect(decodeBound(bound.subarray(0, -1), nonce)).toBeUndefined()
  expect(decodeBound(Uint8Array.of(...bound, 0), nonce)).toBeUndefined()
  expect(decodeBound(encodeBound(nonce, { ...seen(1), source: 'host' }), nonce)).toBeUndefined()
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), datagram => {
      const read = decodeBound(datagram, nonce)
      if (read) expect(encodeBound(nonce, read)).toEqual(datagram)
      decodeBind(datagram)
    }),
  )
})

// spec: STT-RLY-27
describe('the kind of NAT', () => {
  test('another outer port for another destination: edm, for two ports of one relay or two relays', () => {
    const one = new MappingJudge()
    one.answered('a', 1, seen(5_000), 0)
    expect(one.judge(0)).toBeUndefined()
    one.answered('a', 2, seen(5_001), 0)
    expect(one.judge(0)).toBe('edm')
    const two = new MappingJudge()
    two.answered('a', 1, seen(5_000), 0)
    two.answered('b', 1, seen(5_001), 0)
    expect(two.judge(0)).toBe('edm')
  })

  test('the same one at two relays: eim; at two ports of one relay that is not known', () => {
    const judge = new MappingJudge()
    judge.answered('a', 1, seen(5_000), 0)
    judge.answered('a', 2, seen(5_000), 0)
    expect(judge.judge(0)).toBeUndefined()
    judge.answered('b', 1, seen(5_000), 0)
    expect(judge.judge(0)).toBe('eim')
  })

  test('no answer in 3 s: blocked, until there is one', () => {
    const judge = new MappingJudge()
    expect(judge.judge(100_000)).toBeUndefined()
    judge.asked(1_000)
    judge.asked(3_000)
    expect([judge.judge(3_999), judge.judge(4_000)]).toEqual([undefined, 'blocked'])
    judge.answered('a', 1, seen(5_000), 4_500)
    expect(judge.judge(4_500)).toBeUndefined()
  })

  test('what was seen counts for 30 s', () => {
    const judge = new MappingJudge()
    judge.answered('a', 1, seen(5_000), 0)
    judge.answered('b', 1, seen(6_000), 29_000)
    expect(judge.judge(29_999)).toBe('edm')
    judge.answered('a', 2, seen(6_000), 30_000)
    expect(judge.judge(30_000)).toBe('eim')
  })
})
