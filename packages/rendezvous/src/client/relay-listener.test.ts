import { relayGreeting } from '@stt/testing'
import { describe, expect, test } from 'vitest'
import { counting, seeded } from '../../test/bytes.ts'
import { ACCESS, claimsOf, ListenerBench } from '../../test/listener-bench.ts'
import { AccessKeys } from '../access.ts'
import {
  encodeGoingAway,
  encodeGreeting,
  encodeIncoming,
  encodeNo,
  encodePing,
  encodePong,
  encodeSpliced,
} from '../messages/encode.ts'

const HOUR = 495_000

// spec: STT-RLY-8
test('opens, is greeted, listens under the names of both hours, and is confirmed by the PONG', () => {
  const bench = new ListenerBench()
  expect(bench.heard).toEqual(['open'])
  bench.answers = false
  bench.connect()
  expect(bench.heard).toEqual(['open', 'greeted'])
  const [listen] = bench.sentOf('listen')
  expect(listen!.claims).toEqual(claimsOf([HOUR - 1, HOUR]))
  expect(listen!.proof).toBeUndefined()
  const [ping] = bench.sentOf('ping')
  bench.say(encodePong(ping!.data))
  expect([bench.heard.at(-1), bench.listener.isListening]).toEqual(['listening', true])
})

// spec: STT-RLY-7
test('proves access to a relay that asks for it, with the nonce of this connection, and shows others nothing', () => {
  const bench = new ListenerBench()
  bench.connect({ needsAccess: true })
  const keys = new AccessKeys([ACCESS])
  expect(keys.verify(bench.sentOf('listen')[0]!, relayGreeting.nonce, ['relay.example:443'])).toBe(true)
  const nonce = counting(80, 16)
  bench.do((listener, now) => listener.closed(now))
  bench.advance(200)
  bench.connect({ needsAccess: true, nonce })
  expect(keys.verify(bench.sentOf('listen')[1]!, nonce, ['relay.example:443'])).toBe(true)
})

// spec: STT-RLY-8
test('listens anew each 60 s, and when the hours change', () => {
  const bench = new ListenerBench()
  bench.advance(5_000)
  bench.connect()
  bench.advance(1_800_000)
  const listens = bench.sent.filter(({ message }) => message.type === 'listen')
  const pauses = listens.slice(1).map(({ at }, i) => at - listens[i]!.at)
  expect(Math.max(...pauses)).toBe(60_000)
  const changed = listens.find(
    ({ message }) => message.type === 'listen' && message.claims[0]!.token[0] === (HOUR & 0xff),
  )
  expect(changed!.at).toBe(1_800_000)
  expect(bench.heard).toEqual(['open', 'greeted', 'listening'])
})

// spec: STT-RLY-8
test.each([3_600, 86_400, -7_200])('a clock that jumps by %i s is followed within a minute', jump => {
  const bench = new ListenerBench()
  bench.connect()
  bench.unixStart += jump
  bench.advance(60_000)
  const hour = HOUR + jump / 3_600
  expect(bench.sentOf('listen').at(-1)!.claims).toEqual(claimsOf([hour - 1, hour]))
})

describe('a relay that is dead', () => {
  // spec: STT-RLY-19
  test('is noticed 10 s after a PING, which goes out each 15 s', () => {
    const bench = new ListenerBench()
    bench.connect()
    bench.advance(14_999)
    const before = bench.sentOf('ping').length
    bench.answers = false
    bench.advance(1)
    expect(bench.sentOf('ping').length).toBe(before + 1)
    bench.advance(9_999)
    expect(bench.heard).not.toContain('lost')
    bench.advance(1)
    expect(bench.heard.slice(-2)).toEqual(['close', 'lost'])
    expect(bench.listener.isListening).toBe(false)
    bench.advance(200)
    expect(bench.heard.at(-1)).toBe('open')
  })

  // spec: STT-RLY-19
  test('is noticed 3 s after the network changed, also when a PING was under way', () => {
    const bench = new ListenerBench()
    bench.connect()
    bench.answers = false
    bench.advance(17_000)
    bench.do((listener, now) => listener.networkChanged(now))
    bench.advance(2_999)
    expect(bench.heard).not.toContain('lost')
    bench.advance(1)
    expect(bench.heard).toContain('lost')
  })

  test('is not believed for the answer to an older PING', () => {
    const bench = new ListenerBench()
    bench.answers = false
    bench.connect()
    const [first] = bench.sentOf('ping')
    bench.do((listener, now) => listener.networkChanged(now))
    bench.say(encodePong(first!.data))
    bench.advance(3_000)
    expect(bench.heard).toContain('lost')
  })
})

// spec: STT-RLY-20
test('a relay that cannot be reached is tried again, less and less often, and at once when the network changes', () => {
  const bench = new ListenerBench()
  const opens = (): number => bench.heard.filter(type => type === 'open').length
  for (let i = 0; i < 40; i++) {
    bench.do((listener, now) => listener.closed(now))
    const before = opens()
    while (opens() === before) bench.advance(100)
  }
  expect(bench.now).toBeGreaterThan(300_000)
  bench.do((listener, now) => listener.closed(now))
  const before = opens()
  bench.do((listener, now) => listener.networkChanged(now))
  expect(opens()).toBe(before + 1)
  bench.do((listener, now) => listener.closed(now))
  bench.advance(200)
  expect(opens()).toBe(before + 2)
})

// spec: STT-RLY-20
test('a relay that accepts a connection and ends it at once is not tried every 200 ms', () => {
  const bench = new ListenerBench()
  for (let i = 0; i < 60; i++) {
    bench.connect()
    bench.do((listener, now) => listener.closed(now))
    const before = bench.events.length
    while (bench.events.length === before) bench.advance(100)
  }
  expect(bench.now).toBeGreaterThan(600_000)
})

// spec: STT-RLY-35
describe('a relay that says no', () => {
  test.each(['full', 'auth', 'rate'] as const)(
    '%s is left, and dialed when it said, but not later than in 10 min',
    reason => {
      const bench = new ListenerBench()
      bench.connect()
      bench.say(encodeNo(reason, 2 ** 32 - 1))
      expect(bench.heard.slice(-3)).toEqual(['refused', 'close', 'lost'])
      bench.advance(599_999)
      expect(bench.heard.at(-1)).toBe('lost')
      bench.advance(1)
      expect(bench.heard.at(-1)).toBe('open')
    },
  )

  // spec: STT-RLY-9
  test('taken is asked again on the same connection, and is not listening before', () => {
    const bench = new ListenerBench()
    bench.answers = false
    bench.connect()
    bench.say(encodeNo('taken', 33_000))
    bench.say(encodePong(bench.sentOf('ping')[0]!.data))
    expect(bench.heard.at(-1)).toBe('refused')
    bench.answers = true
    bench.advance(33_000)
    expect(bench.sentOf('listen')).toHaveLength(2)
    expect(bench.heard.at(-1)).toBe('listening')
  })
})

// spec: STT-RLY-18
test('a relay that goes away is left when it said, and dialed again eagerly for as long as it said', () => {
  const bench = new ListenerBench()
  bench.connect()
  bench.say(encodeGoingAway(4_000, 120_000))
  expect(bench.heard.at(-1)).toBe('going-away')
  bench.advance(3_999)
  expect(bench.heard.at(-1)).toBe('going-away')
  bench.advance(1)
  expect(bench.heard.slice(-2)).toEqual(['close', 'open'])
  let tries = 0
  while (bench.now < 120_000) {
    bench.do((listener, now) => listener.closed(now))
    tries++
    const before = bench.events.length
    while (bench.events.length === before) bench.advance(50)
  }
  expect(tries).toBeGreaterThan(60)
})

// spec: STT-RLY-18
test('a relay that ends sooner than announced is not dialed sooner', () => {
  const bench = new ListenerBench()
  bench.connect()
  bench.say(encodeGoingAway(9_000, 60_000))
  bench.do((listener, now) => listener.closed(now))
  bench.advance(8_999)
  expect(bench.heard.at(-1)).toBe('lost')
  bench.advance(1)
  expect(bench.heard.at(-1)).toBe('open')
})

// spec: STT-RLY-21
test('at most 8 dials are accepted at once, and 20 in a second', () => {
  const bench = new ListenerBench()
  bench.connect()
  const incoming = (): number => bench.heard.filter(type => type === 'incoming').length
  for (let i = 0; i < 20; i++) bench.say(encodeIncoming(counting(i, 16)))
  expect(incoming()).toBe(8)
  expect(bench.events.find(({ type }) => type === 'incoming')).toEqual({
    type: 'incoming',
    ticket: counting(0, 16),
    url: '',
  })
  for (let i = 0; i < 30; i++) {
    bench.listener.accepted()
    bench.say(encodeIncoming(counting(i, 16)))
  }
  expect(incoming()).toBe(20)
  bench.advance(1_000)
  bench.listener.accepted()
  bench.say(encodeIncoming(counting(0, 16)))
  expect(incoming()).toBe(21)
})

test('a PING of the relay is answered with what it holds', () => {
  const bench = new ListenerBench()
  bench.connect()
  bench.say(encodePing(counting(70, 8)))
  expect(bench.sentOf('pong')).toEqual([{ type: 'pong', data: counting(70, 8) }])
})

describe('a relay that breaks the rules is left', () => {
  test.each([
    ['no greeting first', encodePong(counting(0, 8)), false],
    ['an unreadable message', Uint8Array.of(1, 2, 3), false],
    ['an unreadable message, later', Uint8Array.of(0xff), true],
    ['a second greeting', encodeGreeting(relayGreeting), true],
    ['a splice of the control leg', encodeSpliced(), true],
  ])('%s', (_name, bytes, greeted) => {
    const bench = new ListenerBench()
    if (greeted) bench.connect()
    else bench.do((listener, now) => listener.opened(now))
    bench.say(bytes)
    expect(bench.heard.slice(-2)).toEqual(['close', 'lost'])
  })

  test('no greeting within 5 s', () => {
    const bench = new ListenerBench()
    bench.do((listener, now) => listener.opened(now))
    bench.advance(5_000)
    expect(bench.heard.slice(-2)).toEqual(['close', 'lost'])
  })
})

test('stopped it does nothing more', () => {
  const bench = new ListenerBench({ entropy: seeded(5) })
  bench.connect()
  bench.do(listener => listener.stop())
  const { length } = bench.events
  bench.do((listener, now) => listener.closed(now))
  bench.do((listener, now) => listener.networkChanged(now))
  bench.say(encodeIncoming(counting(0, 16)))
  bench.advance(3_600_000)
  expect([bench.events.at(-1)!.type, bench.events.length]).toEqual(['close', length])
  expect(bench.drain()).toBe(Number.POSITIVE_INFINITY)
})
