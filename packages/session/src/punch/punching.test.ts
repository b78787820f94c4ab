import {
  ByteReader,
  type Candidate,
  FrameType,
  type Link,
  ProtocolError,
  writeAddressList,
  writeObserved,
} from '@stt/frame'
import { describe, expect, test } from 'vitest'
import { deadLink } from '../../test/links.ts'
import { Tier } from '../path/path.ts'
import type { PathPacket } from '../path/path-probes.ts'
import type { SessionEvent } from '../session-events.ts'
import { punchHoles } from './punching.ts'
import type { PunchTarget } from './punching-part.ts'

const THERE: Candidate = { source: 'observed', address: '192.0.2.7', port: 4_433 }

function bench(role: 'initiator' | 'responder' = 'initiator', roundTrip = 0) {
  const events: SessionEvent[] = []
  const answered: PunchTarget[] = []
  let drawn = 0
  const punching = punchHoles.create({
    role,
    entropy: length => new Uint8Array(length).fill(++drawn),
    emit: event => events.push(event),
    roundTrip: () => roundTrip,
    onAnswered: target => answered.push(target),
  })
  let now = 0
  /** The packets sent until `time`, each with its time. */
  const until = (time: number): (PathPacket & { readonly at: number })[] => {
    const sent: (PathPacket & { readonly at: number })[] = []
    for (;;) {
      for (let packet = punching.next(now); packet; packet = punching.next(now)) sent.push({ ...packet, at: now })
      if (punching.deadline > time) {
        now = time
        return sent
      }
      now = Math.max(now, punching.deadline)
    }
  }
  /** Reads a frame from the peer. */
  const hear = (type: 0x20 | 0x21, number: number, candidates: readonly Candidate[] = [THERE]): boolean => {
    const buffer = new Uint8Array(400)
    const end = writeAddressList(buffer, 0, type, { number, candidates })
    const reader = new ByteReader()
    reader.reset(buffer, 1, end)
    return punching.read(type, reader, now)
  }
  return { punching, events, answered, until, hear, at: () => now }
}

const always = (): boolean => true

const target = (tier: number = Tier.Datagram): PunchTarget & { readonly link: Link } => {
  const link = deadLink('datagram')
  return tier === Tier.Lan ? { link, tier } : { link, opener: deadLink('datagram'), tier }
}

describe('a round', () => {
  // spec: STT-PKT-61 STT-PKT-62 STT-PKT-63
  test('begins with openers, waits until the peer has opened its side, and is seven packets to each target', () => {
    const { punching, until, events } = bench()
    const [far, near] = [target(), target(Tier.Lan)]
    punching.begin([THERE], [far, near], always, 0)
    expect(until(0).map(({ link }) => link)).toEqual([far.opener, near.link])
    const waiting = until(500)
    expect(waiting.filter(({ link }) => link === far.link)).toEqual([])
    punching.onAcknowledged({ type: FrameType.Punch, id: 1, offset: 0, length: 0, fin: false }, 500)
    const sent = until(10_000)
    expect(sent.filter(({ link }) => link === far.link).map(({ at }) => at - 500)).toEqual([
      0, 50, 100, 200, 400, 800, 1_600,
    ])
    const toNear = [...waiting, ...sent].filter(({ link }) => link === near.link)
    expect(toNear.map(({ at }) => at)).toEqual([50, 100, 200, 400, 800, 1_600])
    expect(new Set(sent.map(({ size }) => size))).toEqual(new Set([42]))
    expect(new Set(sent.map(({ data }) => data[0])).size).toBe(sent.length)
    expect(events).toEqual([{ type: 'punch-over', answered: 0 }])
    expect(punching.deadline).toBe(Number.POSITIVE_INFINITY)
  })

  test.each([
    [0, 1_000],
    [80, 160],
  ])('waits for two round trips at most: of %i ms for %i ms', (roundTrip, wait) => {
    const { punching, until } = bench('initiator', roundTrip)
    const far = target()
    punching.begin([THERE], [far], always, 0)
    expect(until(5_000).find(({ link }) => link === far.link)?.at).toBe(wait)
  })

  test('of the side that was dialed begins at once', () => {
    const { punching, until } = bench('responder')
    const far = target()
    punching.answer([far], always, 0)
    const sent = until(5_000)
    expect(sent.map(({ at }) => at)).toEqual([0, 20, 70, 120, 220, 420, 820, 1_620])
    expect(sent[0]!.link).toBe(far.opener)
  })

  test('ends for a target that answers, and the session gets the link', () => {
    const { punching, until, answered, events } = bench()
    const [one, two] = [target(), target()]
    punching.begin([THERE], [one, two], always, 0)
    const sent = until(1_000)
    const asked = sent.find(({ link }) => link === one.link)!
    punching.onResponse(asked.data, one.link, 1_000)
    punching.onResponse(asked.data, one.link, 1_000)
    punching.onResponse(new Uint8Array(8), two.link, 1_000)
    expect(answered).toEqual([{ link: one.link, tier: Tier.Datagram }])
    expect(until(10_000).filter(({ link }) => link === one.link)).toEqual([])
    expect(events).toEqual([{ type: 'punch-over', answered: 1 }])
  })

  // spec: STT-PKT-62 STT-PKT-63
  test('adds an address that was not named, and sends at most nine packets to each, whatever comes from there', () => {
    const { punching, until, at } = bench()
    const far = target()
    const stranger = deadLink('datagram')
    punching.begin([THERE], [far], always, 0)
    const sent = until(100)
    for (let i = 0; i < 50; i++) {
      punching.onStranger(stranger, at())
      punching.onStranger(far.link, at())
      sent.push(...until(at() + 10))
    }
    sent.push(...until(10_000))
    const to = (link: Link | undefined): number => sent.filter(each => each.link === link).length
    expect(sent.find(({ link }) => link === stranger)?.at).toBe(100)
    expect(to(stranger)).toBeLessThanOrEqual(9)
    expect(to(far.link) + to(far.opener)).toBeLessThanOrEqual(9)
    for (let i = 0; i < 100; i++) punching.onStranger(deadLink('datagram'), at())
    expect(until(20_000)).toEqual([])
  })

  // spec: STT-PKT-62
  test.each([1, 8])('has room for eight strangers beside %i that were named', named => {
    const { punching, until } = bench()
    punching.begin(
      [THERE],
      Array.from({ length: named }, () => target()),
      always,
      0,
    )
    until(0)
    for (let i = 0; i < 100; i++) punching.onStranger(deadLink('datagram'), 0)
    expect(new Set(until(20_000).map(({ link }) => link)).size).toBe(named + 8)
  })

  // spec: STT-PKT-66
  test('adds no stranger that is not allowed, and asks once for each', () => {
    const { punching, until } = bench('responder')
    const one = target()
    const [admitted, refused] = [deadLink('datagram'), deadLink('datagram')]
    const answers = [true, false]
    punching.answer([one], () => answers.shift()!, 0)
    for (const link of [admitted, refused, admitted]) punching.onStranger(link, 0)
    expect(new Set(until(20_000).map(({ link }) => link))).toEqual(new Set([one.opener, one.link, admitted]))
    expect(answers).toEqual([])
  })
})

describe('what the peer says', () => {
  // spec: STT-PKT-60
  test('counts where it is newer', () => {
    const { hear, events } = bench()
    for (const number of [2, 1, 2, 3]) hear(FrameType.Addresses, number)
    expect(events.map(({ type }) => type)).toEqual(['addresses', 'addresses'])
  })

  // spec: STT-PKT-64
  test('begins one round in two seconds', () => {
    const { hear, events, until } = bench('responder')
    for (let number = 1; number <= 20; number++) {
      hear(FrameType.Punch, number)
      until(number * 500)
    }
    expect(events).toHaveLength(5)
  })

  // spec: STT-FRM-18
  test('comes from the right side', () => {
    expect(() => bench('initiator').hear(FrameType.Punch, 1)).toThrow(ProtocolError)
    expect(() => bench('responder').hear(FrameType.Addresses, 1)).toThrow(ProtocolError)
  })

  test('is told where it concerns addresses, and nothing else is taken', () => {
    const { punching, events } = bench()
    const buffer = new Uint8Array(32)
    const reader = new ByteReader()
    reader.reset(buffer, 1, writeObserved(buffer, 0, THERE))
    expect(punching.read(FrameType.Observed, reader, 0)).toBe(true)
    expect(events).toEqual([{ type: 'observed', candidate: THERE }])
    expect(punching.read(0x23, reader, 0)).toBe(false)
  })
})

// spec: STT-PKT-60
test('what is told is sent until it has arrived, the newest alone', () => {
  const { punching } = bench('responder')
  const write = () => {
    const sent: { type: number; id: number; offset: 0; length: 0; fin: false }[] = []
    punching.write(new Uint8Array(500), 0, 500, sent as never)
    return sent
  }
  punching.tellAddresses([THERE])
  const [first] = write()
  expect([first!.id, punching.isPending]).toEqual([1, false])
  punching.tellAddresses([THERE, THERE])
  expect(punching.onLost(first!)).toBe(false)
  const [second] = write()
  expect(second!.id).toBe(2)
  expect(punching.onLost(second!)).toBe(true)
  expect(write()).toEqual([second])
  punching.tellObserved(THERE)
  punching.tellAddresses([THERE])
  expect(write().map(({ type, id }) => [type, id])).toEqual([
    [FrameType.Addresses, 3],
    [FrameType.Observed, 1],
  ])
  punching.tellObserved(THERE)
  expect(punching.write(new Uint8Array(10), 0, 10, [])).toBe(0)
})
