import { measureMemory } from '@stt/testing'
import { describe, expect, test } from 'vitest'
import { counting, hex } from '../../test/bytes.ts'
import { RegistryBench, type RegistryUser, tokenOf, topicOf } from '../../test/registry-bench.ts'
import { encodeAccept, encodeGreeting } from '../messages/encode.ts'
import { slotName } from '../names.ts'
import { encodeGet, encodePut, encodeStored } from '../registry/encode.ts'
import type { RelayEngineOptions } from './relay-engine.ts'

const ACCESS = counting(3, 32)
const [TOPIC, OTHER] = [topicOf(1), topicOf(2)]

describe('a registry', () => {
  // spec: STT-REG-5 STT-REG-6
  test('greets, keeps records, and returns them for their topic', () => {
    const bench = new RegistryBench()
    const [writer, reader] = [bench.open(), bench.open()]
    expect(writer.greeting).toMatchObject({ type: 'greeting', needsAccess: false, unixSeconds: 1_782_000_000 })
    expect(writer.greeting.nonce).not.toEqual(reader.greeting.nonce)
    expect(writer.put(TOPIC, tokenOf(1), { fill: 7 })).toBe('stored')
    expect(writer.put(TOPIC, tokenOf(2), { size: 1_024 })).toBe('stored')
    const entries = reader.get(TOPIC)
    expect(entries.map(({ slot, blob }) => [hex(slot), blob.length, blob[0]])).toEqual([
      [hex(slotName(TOPIC, tokenOf(1))), 544, 7],
      [hex(slotName(TOPIC, tokenOf(2))), 1_024, 1],
    ])
    expect([reader.get(OTHER), reader.isProved]).toEqual([[], true])
    expect(bench.engine.getStatistics()).toMatchObject({ records: 2, topics: 1, clients: 2, puts: 2, gets: 2 })
  })

  // spec: STT-REG-5
  test('takes what is put again in place of what was there, and takes it out where that is asked for', () => {
    const bench = new RegistryBench()
    const writer = bench.open()
    writer.put(TOPIC, tokenOf(1), { fill: 1 })
    // From another connection: the token identifies the node.
    const again = bench.open()
    again.put(TOPIC, tokenOf(1), { fill: 2 })
    expect(again.get(TOPIC).map(({ blob }) => blob[0])).toEqual([2])
    // Who does not know the token has another slot, and takes nothing out.
    expect(writer.put(TOPIC, tokenOf(2), { ttl: 0 })).toBe('stored')
    expect(writer.get(TOPIC)).toHaveLength(1)
    expect(writer.put(TOPIC, tokenOf(1), { ttl: 0 })).toBe('stored')
    expect(writer.get(TOPIC)).toEqual([])
    expect(bench.engine.getStatistics()).toMatchObject({ records: 0, topics: 0 })
  })

  // spec: STT-REG-8
  test('forgets each record when its time is over, and not when its connection ends', () => {
    const bench = new RegistryBench()
    const writer = bench.open()
    writer.put(TOPIC, tokenOf(1), { ttl: 10 })
    writer.put(TOPIC, tokenOf(2), { ttl: 300 })
    writer.end()
    bench.advance(9_999)
    expect(bench.open().get(TOPIC)).toHaveLength(2)
    bench.advance(1)
    expect(bench.open().get(TOPIC)).toHaveLength(1)
    bench.advance(290_000)
    expect(bench.engine.getStatistics()).toMatchObject({ records: 0, topics: 0 })
    bench.advance(150_000)
    expect(bench.drain()).toBe(Number.POSITIVE_INFINITY)
  })

  // spec: STT-REG-6
  test('ends a connection that says nothing for 5 s, or nothing more for 150 s', () => {
    const bench = new RegistryBench()
    const [silent, reader] = [bench.open(), bench.open()]
    reader.get(TOPIC)
    bench.advance(4_999)
    expect(silent.closed).toBeUndefined()
    bench.advance(1)
    expect([silent.closed, reader.closed]).toEqual([1008, undefined])
    bench.advance(144_999)
    expect(reader.closed).toBeUndefined()
    bench.advance(1)
    expect(reader.closed).toBe(1000)
    expect(bench.engine.getStatistics()).toMatchObject({ clients: 0, violations: 1 })
  })

  const none = () => new Uint8Array(0)
  const blob = new Uint8Array(544)
  test.each<[string, Uint8Array]>([
    ['an unreadable message', Uint8Array.of(0xff)],
    ['no bytes', new Uint8Array(0)],
    ["a relay's message", encodeAccept(counting(1, 16))],
    ['an answer', encodeStored()],
    ['a greeting', encodeGreeting(new RegistryBench().open().greeting)],
    [
      'a record of another size',
      encodePut({ topic: TOPIC, token: tokenOf(1), ttl: 1, blob: new Uint8Array(543) }, none),
    ],
    ['a record for 301 s', encodePut({ topic: TOPIC, token: tokenOf(1), ttl: 301, blob }, none)],
    ['a record that is taken out and put', encodePut({ topic: TOPIC, token: tokenOf(1), ttl: 0, blob }, none)],
  ])('spec: STT-REG-6: %s ends the connection with 1008', (_name, bytes) => {
    const bench = new RegistryBench()
    const user = bench.open()
    user.send(bytes)
    expect(user.closed).toBe(1008)
    expect(bench.engine.getStatistics()).toMatchObject({ violations: 1, records: 0 })
  })
})

// spec: STT-REG-7
describe('with access keys', () => {
  test('those with a key put and get', () => {
    const bench = new RegistryBench({ keys: [ACCESS] })
    const user = bench.open()
    expect(user.greeting.needsAccess).toBe(true)
    expect(user.put(TOPIC, tokenOf(1), { access: ACCESS })).toBe('stored')
    expect(user.get(TOPIC, ACCESS)).toHaveLength(1)
  })

  const other = counting(4, 32)
  test.each<[string, (user: RegistryUser) => void]>([
    ['PUT without a proof', user => void user.put(TOPIC, tokenOf(1))],
    ['GET without a proof', user => void user.get(TOPIC)],
    ['PUT with another key', user => void user.put(TOPIC, tokenOf(1), { access: other })],
    ['GET with another key', user => void user.get(TOPIC, other)],
    ['GET proved for another relay', user => user.send(encodeGet(TOPIC, user.prove(ACCESS, 'evil.example:443')))],
    [
      'GET proved for another connection',
      user => user.send(encodeGet(TOPIC, user.prove(ACCESS, undefined, counting(0, 16)))),
    ],
    [
      'GET with the proof of another topic',
      user => user.send(encodeGet(TOPIC, type => user.prove(ACCESS)(type, OTHER))),
    ],
  ])('%s is refused', (_name, act) => {
    const bench = new RegistryBench({ keys: [ACCESS] })
    bench.open().put(TOPIC, tokenOf(9), { access: ACCESS })
    const user = bench.open()
    act(user)
    expect([user.heard, user.closed]).toEqual([['no auth'], 1008])
    expect(bench.engine.getStatistics()).toMatchObject({ records: 1, refused: { auth: 1 } })
  })
})

describe('a no', () => {
  // spec: STT-REG-13
  test.each<[string, Partial<RelayEngineOptions>, number, number | undefined, (user: RegistryUser) => void]>([
    [
      'full',
      { limits: { recordsPerAddress: 1 } },
      60_000,
      undefined,
      user => [1, 2].map(i => user.put(TOPIC, tokenOf(i))),
    ],
    ['full', { limits: { registryClients: 1 } }, 60_000, 1013, () => {}],
    ['auth', { keys: [ACCESS] }, 60_000, 1008, user => user.put(TOPIC, tokenOf(1))],
    ['rate', {}, 5_000, 1013, user => Array.from({ length: 17 }, () => user.get(TOPIC))],
  ])('for %s with %j says to come back after %i ms, and closes with %s', (reason, options, retryAfter, code, act) => {
    const bench = new RegistryBench(options)
    if (options.limits?.registryClients === 1) bench.open()
    const user = bench.open()
    act(user)
    expect(user.received.at(-1)).toEqual({ type: 'no', reason, retryAfter, url: '' })
    expect(user.closed).toBe(code)
  })
})

describe('limits', () => {
  // spec: STT-REG-9
  test('64 slots of one topic that one address holds give way to others, who are found', () => {
    const bench = new RegistryBench()
    for (let i = 0; i < 64; i++) {
      if (i % 8 === 0) bench.advance(4_000)
      const squatter = bench.open({ address: 'squatter' })
      expect(squatter.put(TOPIC, tokenOf(i), { fill: 9 })).toBe('stored')
      squatter.end()
    }
    const late = bench.open({ address: 'squatter' })
    expect([late.put(TOPIC, tokenOf(64)), late.closed]).toEqual(['no full', undefined])
    for (let i = 0; i < 10; i++) {
      const honest = bench.open()
      expect(honest.put(TOPIC, tokenOf(100 + i), { fill: 1 })).toBe('stored')
    }
    const blobs = bench.open().get(TOPIC)
    expect([blobs.length, blobs.filter(({ blob }) => blob[0] === 1).length]).toEqual([64, 10])
    expect(bench.engine.getStatistics()).toMatchObject({ records: 64, displaced: 10, refused: { full: 1 } })
    // The squatter does not come back in their place.
    expect(bench.open({ address: 'squatter' }).put(TOPIC, tokenOf(65))).toBe('no full')
  })

  // spec: STT-REG-9
  test('a topic that many addresses fill is full; what is there is refreshed all the same', () => {
    const bench = new RegistryBench()
    const users = Array.from({ length: 64 }, () => bench.open())
    users.forEach((user, i) => void user.put(TOPIC, tokenOf(i)))
    expect(bench.open().put(TOPIC, tokenOf(64))).toBe('no full')
    // Records of a shared address count for no address, so they displace none.
    expect(bench.open({}).put(TOPIC, tokenOf(65))).toBe('no full')
    expect(users[5]!.put(TOPIC, tokenOf(5), { fill: 5 })).toBe('stored')
    expect(
      bench
        .open()
        .get(TOPIC)
        .map(({ blob }) => blob[0]),
    ).toContain(5)
  })

  // spec: STT-REG-9
  test('records are bounded: of one address, and in all', () => {
    const bench = new RegistryBench({ limits: { records: 10, recordsPerAddress: 4 } })
    const one = bench.open({ address: 'one' })
    const said = [1, 2, 3, 4, 5].map(number => one.put(topicOf(number), tokenOf(number)))
    expect(said).toEqual(['stored', 'stored', 'stored', 'stored', 'no full'])
    for (const number of [11, 12, 13]) bench.open({ address: 'two' }).put(topicOf(number), tokenOf(number))
    for (const number of [21, 22, 23]) bench.open({ address: 'three' }).put(topicOf(number), tokenOf(number))
    expect(bench.open({ address: 'four' }).put(topicOf(31), tokenOf(31))).toBe('no full')
    // An ended record makes room.
    one.put(topicOf(1), tokenOf(1), { ttl: 0 })
    expect(bench.open({ address: 'four' }).put(topicOf(31), tokenOf(31))).toBe('stored')
    expect(bench.engine.getStatistics()).toMatchObject({ records: 10, refused: { full: 2 } })
  })

  // spec: STT-REG-10
  test('a connection has 4 messages a second, 16 at once, and 32 topics', () => {
    const bench = new RegistryBench()
    const hasty = bench.open()
    for (let i = 0; i < 16; i++) hasty.get(TOPIC)
    expect(hasty.closed).toBeUndefined()
    hasty.get(TOPIC)
    expect([hasty.heard.at(-1), hasty.closed]).toEqual(['no rate', 1013])

    const wide = bench.open()
    for (let i = 0; i < 32; i++) {
      bench.advance(250)
      expect(wide.put(topicOf(i), tokenOf(i), { ttl: 100 })).toBe('stored')
    }
    expect(wide.put(topicOf(32), tokenOf(32))).toBe('no full')
    bench.advance(92_250)
    expect(wide.put(topicOf(32), tokenOf(32))).toBe('stored')
  })

  // spec: STT-REG-10
  test('connections are bounded: of one address, new ones in a second, and in all', () => {
    const bench = new RegistryBench({
      limits: { registryClients: 5, registryClientsPerAddress: 3, registryClientsPerSecond: 2 },
    })
    const open = (address: string): RegistryUser => bench.open({ address })
    expect([open('a').closed, open('a').closed, open('a').heard]).toEqual([undefined, undefined, ['no rate']])
    bench.advance(1_000)
    expect([open('a').closed, open('a').heard]).toEqual([undefined, ['no full']])
    const [b] = [open('b'), open('b')]
    expect([open('c').heard, open('c').closed]).toEqual([['no full'], 1013])
    b.end()
    expect(open('c').closed).toBeUndefined()
  })

  // spec: STT-REG-9 STT-REG-10
  test('whatever many addresses put, memory is bounded and an honest node is found', async () => {
    const limits = { records: 500, recordsPerAddress: 20 }
    const bench = new RegistryBench({ limits })
    const honest = bench.open()
    honest.put(TOPIC, tokenOf(1), { fill: 7 })
    let number = 0
    const wave = (): void => {
      for (let i = 0; i < 4_000; i++, number++) {
        if (i % 100 === 0) {
          bench.advance(10_000)
          if (i % 500 === 0) honest.put(TOPIC, tokenOf(1), { fill: 7 })
        }
        const attacker = bench.open({ address: `attacker ${i % 200}` })
        attacker.put(i % 2 === 0 ? TOPIC : topicOf(number), tokenOf(2 + (number % 60_000)), { ttl: 300 })
        attacker.end()
      }
    }
    wave()
    const before = await measureMemory()
    wave()
    expect((await measureMemory()) / before).toBeLessThan(1.1)
    expect(bench.engine.getStatistics().records).toBeLessThanOrEqual(limits.records)
    expect(
      bench
        .open()
        .get(TOPIC)
        .filter(({ blob }) => blob[0] === 7),
    ).toHaveLength(1)
  })
})
