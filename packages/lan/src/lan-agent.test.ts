import { randomBytes } from 'node:crypto'
import type { Seed } from '@stt/crypto'
import { findSecrets, inCommon } from '@stt/testing'
import { decode, encode, type Packet } from 'dns-packet'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seeded, seedOf, VirtualLink } from '../test/link.ts'
import { lanTag, sealLanPeer } from './lan-names.ts'

const LAN = seedOf(0).deriveRendezvousKeys().lan
const HOUR = Math.floor((1_782_000_000 - 1_800) / 3_600)
const subtypeOf = (hour: number): string => `_${lanTag(LAN, hour)}._sub._stt._udp.local`

const query = (name: string): Uint8Array => encode({ type: 'query', questions: [{ type: 'PTR', class: 'IN', name }] })

/** An answer for the seed's name of this hour, as a holder of the seed or a stranger makes one. */
function answer(instance: string, sealed: Uint8Array, ports = { udp: 1, ws: 2 }, ttl = 120): Uint8Array {
  const name = `${instance}._stt._udp.local`
  return encode({
    type: 'response',
    answers: [{ type: 'PTR', name: subtypeOf(HOUR), ttl, data: name }],
    additionals: [
      { type: 'SRV', name, ttl, data: { port: ports.udp, target: 'x.local' } },
      { type: 'TXT', name, ttl, data: ['v=1', `w=${ports.ws}`, Buffer.concat([Buffer.from('m='), sealed])] },
    ],
  })
}

const INSTANCE = 'abcdefghijklmnopqrstuvwxyz'

describe('nodes on one link', () => {
  // spec: STT-LAN-2 STT-LAN-4 STT-LAN-5
  test('find each other: a new node is heard at once, and a question is answered', () => {
    const link = new VirtualLink()
    const [first, second] = [link.station(), link.station()]
    first.announce()
    link.advance(5_000)
    second.watch()
    link.advance(200)
    // Two announcements before the first question, then answers for both hours.
    expect(second.seen).toEqual([1, 1, 1, 1, 1, 1])
    expect(second.events.at(-1)).toEqual({
      type: 'seen',
      id: new Uint8Array(32).fill(1),
      address: '192.168.7.1',
      ports: { udp: 4_001, ws: 5_001 },
      ttl: 120_000,
    })
    second.announce()
    expect(first.seen).toContain(2)
  })

  // spec: STT-LAN-5
  test('asks at 0, 1, 3 and 20 s, then each 60 s', () => {
    const link = new VirtualLink()
    link.station({ ports: () => ({ udp: 0, ws: 0 }) }).watch()
    link.advance(200_000)
    expect(link.said.map(({ at }) => at)).toEqual([0, 1_000, 3_000, 20_000, 80_000, 140_000, 200_000])
  })

  // spec: STT-LAN-1
  test.each([
    [-25, 25],
    [25, -25],
    [-25, -25],
    [0, 25],
  ])('whose clocks are %i and %i minutes wrong find each other at any time, across the ends of hours', (one, other) => {
    for (let minute = 0; minute < 120; minute += 5) {
      const link = new VirtualLink()
      link.unix += 60 * minute
      const [first, second] = [link.station({ skew: 60 * one }), link.station({ skew: 60 * other })]
      first.announce()
      link.advance(2_000)
      second.watch()
      link.advance(200)
      second.announce()
      expect([first.seen.includes(2), second.seen.includes(1)]).toEqual([true, true])
    }
  })

  // spec: STT-LAN-4
  test('says goodbye', () => {
    const link = new VirtualLink()
    const [first, second] = [link.station(), link.station()]
    first.announce()
    link.advance(2_000)
    first.agent.stop()
    link.drain()
    expect(second.events.at(-1)).toEqual({ type: 'gone', id: new Uint8Array(32).fill(1) })
    const { length } = link.said
    link.advance(300_000)
    expect(link.said.length).toBe(length)
  })

  test('of another seed do not see each other, and of the second seed of one do', () => {
    const link = new VirtualLink()
    const other = link.station({ seed: seedOf(9) })
    const both = link.station({ keys: () => [0, 9].map(fill => seedOf(fill).deriveRendezvousKeys().lan) })
    const mine = link.station()
    for (const each of [other, both, mine]) each.announce()
    link.advance(1_500)
    expect([new Set(other.seen), new Set(mine.seen), new Set(both.seen)]).toEqual([
      new Set([2]),
      new Set([2]),
      new Set([1, 3]),
    ])
  })

  // spec: STT-LAN-3
  test('answers only questions for its name: not for the service, not for another name', () => {
    const link = new VirtualLink()
    const station = link.station()
    station.announce()
    link.advance(2_000)
    const { length } = link.said
    const names = [
      '_stt._udp.local',
      '_services._dns-sd._udp.local',
      subtypeOf(HOUR - 1),
      subtypeOf(HOUR + 2),
      '_sub._stt._udp.local',
    ]
    for (const name of names) {
      link.say(query(name))
      link.say(query(name), '192.168.7.50', 40_000)
    }
    link.advance(5_000)
    expect([link.said.length - length - 2 * names.length, station.replies]).toEqual([0, []])
    for (const name of [subtypeOf(HOUR), subtypeOf(HOUR + 1).toUpperCase()]) link.say(query(name))
    link.advance(200)
    expect(link.said.length - length - 2 * names.length).toBe(2 + 1)
  })

  // RFC 6762 §6.7.
  test('answers a question from another port there, repeats the question, once for each name and for a short time', () => {
    const link = new VirtualLink()
    const station = link.station()
    station.announce()
    const question = { type: 'PTR', class: 'IN', name: subtypeOf(HOUR) } as const
    const other = { type: 'PTR', class: 'IN', name: '_printer._tcp.local' } as const
    link.say(encode({ type: 'query', id: 4_711, questions: [other, question, question] }), '192.168.7.50', 40_000)
    link.drain()
    expect(station.replies.map(({ to }) => to)).toEqual([{ address: '192.168.7.50', port: 40_000 }])
    const { id, questions, answers = [] } = decode(Buffer.from(station.replies[0]!.packet))
    expect([id, questions]).toEqual([4_711, [question]])
    expect(answers.map(each => 'ttl' in each && each.ttl)).toEqual([10])
  })

  test('a node that cannot share the port only asks, and finds others', () => {
    const link = new VirtualLink()
    const [deaf, other] = [link.station({ answers: false }), link.station()]
    deaf.announce()
    other.announce()
    deaf.watch()
    link.advance(300_000)
    expect([deaf.seen.includes(2), other.seen]).toEqual([true, []])
  })

  // spec: STT-LAN-9
  test('heard tells whose packets arrived, about anything: none, its own, those of others', () => {
    const link = new VirtualLink()
    const station = link.station()
    expect(station.agent.heard).toBe('nothing')
    station.announce()
    expect(station.agent.heard).toBe('itself')
    link.say(query('_ipp._tcp.local'))
    expect(station.agent.heard).toBe('others')
    link.say(query('_ipp._tcp.local'), '192.168.7.1')
    link.advance(20_000)
    expect([station.agent.heard, station.events]).toEqual(['others', []])
  })

  // spec: STT-LAN-9
  test('a node that does not hear itself within 10 s of its first packet says so once', () => {
    const link = new VirtualLink()
    const station = link.station()
    link.isSilent = true
    link.advance(30_000)
    expect(station.events).toEqual([])
    station.watch()
    link.advance(9_999)
    expect(station.events).toEqual([])
    link.advance(1)
    expect(station.events).toEqual([{ type: 'deaf' }])
    link.advance(300_000)
    station.watch()
    link.advance(300_000)
    expect(station.events).toHaveLength(1)
  })

  // spec: STT-LAN-9
  test.each([
    ['has the port of mDNS not', { answers: false }],
    ['says nothing', { ports: () => ({ udp: 0, ws: 0 }) }],
  ])('a node that %s does not expect to hear itself', (_, options) => {
    const link = new VirtualLink()
    const station = link.station(options)
    link.isSilent = true
    station.announce()
    if ('answers' in options) station.watch()
    link.advance(60_000)
    expect(station.events).toEqual([])
  })

  // spec: STT-LAN-9
  test('a stopped node does not complain', () => {
    const link = new VirtualLink()
    const station = link.station()
    link.isSilent = true
    station.announce()
    station.agent.stop()
    link.advance(60_000)
    expect(station.events).toEqual([])
  })

  test('a node that cannot be dialed does not announce itself', () => {
    const link = new VirtualLink()
    link.station({ ports: () => ({ udp: 0, ws: 0 }) }).announce()
    link.say(query(subtypeOf(HOUR)))
    link.advance(300_000)
    expect(link.said).toHaveLength(1)
  })
})

/** All that two nodes of a seed say, who come, ask, answer and stay for hours: in the first two minutes, and in the last. */
function saidBy(seed: Seed, ids: readonly Uint8Array[]): { readonly early: Uint8Array[]; readonly late: Uint8Array[] } {
  const link = new VirtualLink()
  const stations = ids.map(id => link.station({ seed, id, entropy: randomBytes }))
  const inTwoMinutes = (): Uint8Array[] => {
    const before = link.said.length
    for (const { agent } of stations) {
      agent.announce(link.now)
      agent.watch(link.now)
    }
    link.advance(120_000)
    return link.said.slice(before).map(({ packet }) => packet)
  }
  const early = inTwoMinutes()
  link.advance(2 * 3_600_000)
  const late = inTwoMinutes()
  for (const { agent } of stations) agent.stop()
  link.drain()
  return { early, late: [...late, ...link.said.slice(-2).map(({ packet }) => packet)] }
}

describe('what others on the link learn', () => {
  const ids = [randomBytes(32), randomBytes(32)]
  const seed = seedOf(0)

  // spec: STT-LAN-1 STT-LAN-2
  test('no id, key or seed, in whichever form', () => {
    const { lan, rendezvous, access } = seed.deriveRendezvousKeys()
    const { psk0, psk3, mac1 } = seed.deriveKeys()
    const said = Object.values(saidBy(seed, ids)).flat()
    expect(said.length).toBeGreaterThan(40)
    const secrets = { seed: seed.toBytes(), lan, rendezvous, access, psk0, psk3, mac1, id: ids[0]!, other: ids[1]! }
    expect(findSecrets(said, secrets)).toEqual([])
    // The search finds what is there: all know the names of the hour.
    expect(findSecrets(said, { tag: Buffer.from(lanTag(LAN, HOUR)) })).toEqual(['tag: as it is'])
  })

  // spec: STT-LAN-1 STT-LAN-2
  test('packets of two hours do not reveal that they are of the same seed or the same nodes', () => {
    const { early, late } = saidBy(seed, ids)
    const strangers = Object.values(saidBy(seedOf(9), [randomBytes(32), randomBytes(32)])).flat()
    expect(inCommon(early, late, strangers)).toEqual([])
    // Of one hour they can: that is what a name is for.
    expect(inCommon(early, saidBy(seed, ids).early, strangers).length).toBeGreaterThan(10)
  })

  // spec: STT-LAN-2
  test('a sealed id is for one place: it is refused from elsewhere or with other ports', () => {
    const link = new VirtualLink()
    const reader = link.station()
    reader.announce()
    const place = { hour: HOUR, instance: INSTANCE, udp: 1, ws: 2, address: '192.168.7.20' }
    const sealed = sealLanPeer(LAN, place, new Uint8Array(32).fill(20))
    link.say(answer(INSTANCE, sealed), '192.168.7.20')
    link.drain()
    expect(reader.seen).toEqual([20])
    link.say(answer(INSTANCE, sealed), '192.168.7.21')
    link.say(answer(INSTANCE, sealed, { udp: 7, ws: 2 }), '192.168.7.20')
    link.say(answer(INSTANCE, sealed, { udp: 1, ws: 7 }), '192.168.7.20')
    link.say(answer('zbcdefghijklmnopqrstuvwxyz', sealed), '192.168.7.20')
    link.drain()
    expect([reader.seen, reader.agent.getStatistics().wrong]).toEqual([[20], 4])
  })
})

describe('hostile packets', () => {
  // spec: STT-LAN-6
  test('10,000 a second with a wrong m: bounded, counted, and an honest node is found within a second', () => {
    const link = new VirtualLink()
    const [reader, honest] = [link.station(), link.station()]
    reader.announce()
    reader.watch()
    const random = seeded(9)
    const wrong = Array.from({ length: 100 }, () => answer(INSTANCE, random(48)))
    for (let i = 0; i < 30_000; i++) {
      if (i % 10 === 0) link.now++
      link.say(wrong[i % 100]!, '192.168.7.66')
      if (i === 15_000) honest.announce()
    }
    link.advance(500)
    expect(reader.seen).toContain(2)
    const { received, dropped, wrong: refused } = reader.agent.getStatistics()
    expect([received >= 30_000, dropped > 29_000, refused]).toEqual([true, true, expect.any(Number)])
    // 50 a second of one source, over four seconds.
    expect(refused).toBeLessThanOrEqual(200)
  })

  // spec: STT-LAN-6
  test('from ten thousand made-up sources no more than 2,000 a second are looked at', () => {
    const link = new VirtualLink()
    const reader = link.station()
    const bad = answer(INSTANCE, new Uint8Array(48))
    for (let i = 0; i < 10_000; i++) link.say(bad, `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`)
    const { dropped, wrong } = reader.agent.getStatistics()
    expect([wrong, dropped]).toEqual([2_000, 8_000])
  })

  // spec: STT-LAN-6
  test('a thousand questions get few answers, and cannot make it send others more than they ask for', () => {
    const link = new VirtualLink()
    const station = link.station()
    station.announce()
    link.advance(1_500)
    const { length } = link.said
    for (let i = 0; i < 1_000; i++) {
      link.say(query(subtypeOf(HOUR)), '192.168.7.66')
      link.say(query(subtypeOf(HOUR)), `192.168.7.${i % 200}`, 40_000)
    }
    link.advance(900)
    expect(station.replies.length).toBeLessThanOrEqual(50)
    expect(link.said.length - length - 2_000).toBe(1)
  })

  // spec: STT-LAN-6
  test('names that point at themselves, at each other or ahead, and what is cut short, are dropped', () => {
    const link = new VirtualLink()
    const reader = link.station()
    const service = [4, ...Buffer.from('_stt'), 4, ...Buffer.from('_udp')]
    const header = (answers: number): number[] => [0, 0, 0x84, 0, 0, 0, 0, answers, 0, 0, 0, 0]
    const loops = [
      [...header(1), ...service, 0xc0, 12, 0, 12, 0, 1],
      [...header(1), ...service, 0xc0, 24, 0xc0, 22, 0, 12],
      [...header(1), ...service, 0xc0, 200],
      [...header(65_535), ...service, 0],
      [...header(1), ...service, 63],
      [...header(1), ...service],
    ]
    for (const bytes of loops) link.say(Uint8Array.from(bytes))
    const good = answer(INSTANCE, new Uint8Array(48))
    for (let size = 12; size < good.length; size += 7) link.say(good.subarray(0, size), `10.0.0.${size & 255}`)
    // Hundreds of names, each a chain of pointers through all before it, in one packet of 9,000 bytes.
    const chain = [...header(700), ...service, 0]
    while (chain.length < 8_990) chain.push(0xc0 | (chain.length >> 8), (chain.length - 2) & 255)
    link.say(Uint8Array.from(chain), '10.0.1.1')
    expect(reader.seen).toEqual([])
    expect(reader.agent.getStatistics().dropped).toBeGreaterThan(10)
  })

  // spec: STT-LAN-6
  test('any packet is read or ignored, and none makes it throw', () => {
    const good = [answer(INSTANCE, new Uint8Array(48)), query(subtypeOf(HOUR))]
    const changed = fc
      .tuple(fc.constantFrom(...good), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }), fc.nat(400))
      .map(([original, changes, length]) => {
        const copy = original.slice(0, Math.max(13, length))
        for (const [at, value] of changes) copy[at % copy.length] = value
        return copy
      })
    const noise = fc
      .uint8Array({ maxLength: 200 })
      .map(bytes => Uint8Array.of(...bytes, ...Buffer.from('\x04_stt\x04_udp'), ...bytes))
    let source = 0
    fc.assert(
      fc.property(fc.oneof(changed, noise), packet => {
        const link = new VirtualLink()
        const reader = link.station()
        link.say(packet, `10.0.${source >> 8}.${source++ & 255}`)
        link.advance(300)
        expect(reader.seen).toEqual([])
      }),
      { numRuns: 1_500 },
    )
  })

  // spec: STT-LAN-6
  test('a packet larger than those of STT is not read, even of a holder of the seed', () => {
    const link = new VirtualLink()
    const reader = link.station()
    reader.announce()
    const place = { hour: HOUR, instance: INSTANCE, udp: 1, ws: 2, address: '192.168.7.20' }
    const packet = decode(Buffer.from(answer(INSTANCE, sealLanPeer(LAN, place, new Uint8Array(32).fill(20))))) as Packet
    const filler = {
      type: 'TXT',
      name: 'x.local',
      ttl: 1,
      data: Array.from({ length: 6 }, () => Buffer.alloc(250)),
    } as const
    link.say(encode({ ...packet, additionals: [...packet.additionals!, filler] }), '192.168.7.20')
    link.drain()
    expect([reader.seen, reader.agent.getStatistics().dropped]).toEqual([[], 1])
  })

  test('what a holder of the seed says of ports is a number, and goes nowhere but where it came from', () => {
    const link = new VirtualLink()
    const reader = link.station()
    reader.announce()
    for (const ws of ['99999', '-1', 'x', '']) {
      const packet: Packet = decode(Buffer.from(answer(INSTANCE, new Uint8Array(48)))) as Packet
      const txt = packet.additionals!.find(each => each.type === 'TXT')!
      txt.data = [`w=${ws}`, Buffer.concat([Buffer.from('m='), Buffer.alloc(48)])] as never
      link.say(encode(packet), '192.168.7.30')
    }
    const { length } = reader.events
    const place = { hour: HOUR, instance: INSTANCE, udp: 53, ws: 0, address: '192.168.7.31' }
    link.say(answer(INSTANCE, sealLanPeer(LAN, place, new Uint8Array(32).fill(31)), { udp: 53, ws: 0 }), '192.168.7.31')
    link.drain()
    expect([length, reader.events.at(-1)]).toMatchObject([0, { address: '192.168.7.31', ports: { udp: 53, ws: 0 } }])
  })
})
