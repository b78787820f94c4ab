import { linkPair } from '@stt/testing'
import { describe, expect, test } from 'vitest'
import { sessionPair } from './endpoint.ts'
import { frames } from './frames.ts'
import { LoneSession } from './lone-session.ts'

const flipped = (packet: Uint8Array, at: number, bit = 1): Uint8Array => {
  const copy = packet.slice()
  copy[at] = copy[at]! ^ bit
  return copy
}

describe('what does not verify', () => {
  // spec: STT-PKT-7 STT-PKT-21
  test('on a datagram link: any bit of a packet changed, it is dropped, counted and not answered; the real one is taken', () => {
    const lone = new LoneSession('responder')
    const packet = lone.packet(frames.stream(0, 20))
    for (let at = 0; at < packet.length; at++) {
      for (let bit = 0; bit < 8; bit++) lone.receive(flipped(packet, at, 1 << bit))
    }
    const { packetsDropped, packetsReceived } = lone.session.getStatistics()
    expect(Object.values(packetsDropped).reduce((a, b) => a + b)).toBe(packet.length * 8)
    expect(packetsDropped).toMatchObject({ duplicate: 0, closed: 0 })
    expect(packetsReceived).toBe(0)
    lone.advance(100)
    expect(lone.takeFrames()).toEqual([])
    expect(lone.events).toEqual([])
    lone.receive(packet)
    expect(lone.source.receivedBytes).toBe(20)
  })

  // spec: STT-PKT-21
  test('garbage of any length is dropped', () => {
    const lone = new LoneSession('responder')
    for (let length = 0; length < 120; length++) {
      lone.receive(new Uint8Array(length).fill(0x40))
      lone.receive(new Uint8Array(length).fill(0xff))
    }
    const huge = new Uint8Array(70_000)
    huge.set(lone.packet(frames.ping()))
    lone.receive(huge)
    expect(lone.session.getStatistics().packetsDropped.malformed).toBe(241)
    expect(lone.session.state).toBe('handshaking')
  })

  // spec: STT-PKT-7
  test('a packet for another connection id is dropped, though its tag is right', () => {
    const lone = new LoneSession('responder')
    const other = new LoneSession('responder', { localCid: new Uint8Array(8).fill(0x77) })
    other.receive(lone.packet(frames.stream(0, 5)))
    expect(other.source.receivedBytes).toBe(0)
    expect(other.session.getStatistics().packetsDropped.malformed).toBe(1)
  })

  // spec: STT-PKT-22
  test.each([
    ['tag', 60],
    ['header', 0],
    ['number', 16, 4],
    ['epoch', 0, 0x20],
  ])('on a message link a wrong %s fails the link and never the session', (_, at, bit = 1) => {
    const lone = new LoneSession('responder', { kind: 'message' })
    lone.deliver(frames.handshakeDone())
    lone.receive(flipped(lone.packet(frames.stream(0, 40)), at, bit))
    lone.receive(flipped(lone.packet(frames.stream(0, 40)), at, bit))
    expect(lone.eventsOf('link-failed')).toMatchObject([{ link: lone.link, error: { code: 'STT_LINK_FAILED' } }])
    expect(lone.session.state).toBe('active')
    lone.deliver(frames.stream(0, 40))
    expect(lone.source.receivedBytes).toBe(40)
  })

  // spec: STT-PKT-7 STT-PKT-22
  test('on a message link a packet for another connection id fails the link too', () => {
    const lone = new LoneSession('responder', { kind: 'message', localCid: new Uint8Array(8).fill(0x77) })
    lone.receive(new LoneSession('responder').packet(frames.stream(0, 5)))
    expect(lone.source.receivedBytes).toBe(0)
    expect(lone.event('link-failed')).toMatchObject({ link: lone.link, error: { details: { reason: 'malformed' } } })
    expect(lone.session.state).toBe('handshaking')
  })

  // spec: STT-PKT-6 STT-PKT-22
  test('a replayed packet is dropped on every link and fails none', () => {
    for (const kind of ['datagram', 'message'] as const) {
      const lone = new LoneSession('responder', { kind })
      const packet = lone.packet(frames.stream(0, 5))
      for (let i = 0; i < 10; i++) lone.receive(packet)
      expect(lone.source.receivedBytes).toBe(5)
      expect(lone.session.getStatistics().packetsDropped.duplicate).toBe(9)
      expect(lone.event('link-failed')).toBeUndefined()
    }
  })

  test('a session that is closed counts what still comes', () => {
    const lone = new LoneSession('responder')
    lone.advance(10_000)
    lone.deliver(frames.ping())
    expect(lone.session.getStatistics().packetsDropped.closed).toBe(1)
  })
})

describe('what a peer with the keys does', () => {
  // spec: STT-PKT-29
  test('HANDSHAKE_DONE from a responder ends the session', () => {
    const lone = new LoneSession('initiator')
    lone.deliver(frames.handshakeDone())
    expect(lone.event('ended')?.reason).toMatchObject({ by: 'violation', code: 10 })
  })

  // spec: STT-FRM-16
  test('JOIN from a responder ends the session, whatever its kind', () => {
    for (const kind of [1, 9]) {
      const lone = new LoneSession('initiator')
      lone.deliver(frames.joinLink(1, kind))
      expect(lone.event('ended')?.reason).toMatchObject({ by: 'violation', code: 10 })
    }
  })

  // spec: STT-FRM-15
  test('JOIN with the serial 0 ends the session; any number of unknown kinds does not', () => {
    const lone = new LoneSession('responder')
    const later = frames.joinLink(3, 9)
    lone.deliver(frames.join(later, later, frames.joinLink(3), later))
    expect(lone.session.state).toBe('active')
    lone.deliver(Uint8Array.of(0x17, 0, 1))
    expect(lone.event('ended')?.reason).toMatchObject({ by: 'violation', code: 7 })
  })

  test.each([
    ['a packet without frames', new Uint8Array(0), 7],
    ['an unknown frame', Uint8Array.of(0x03), 8],
    ['a malformed frame', Uint8Array.of(0x1c, 2, 0, 0), 7],
    ['a rule of the streams', frames.stream(666_666, 1), 3],
  ])('%s ends the session with its own code', (_, bytes, code) => {
    const lone = new LoneSession('responder', { kind: 'message' })
    lone.deliver(bytes)
    expect(lone.takeFrames().join()).toContain(`CLOSE protocol ${code}`)
    expect(lone.event('ended')?.reason).toMatchObject({ by: 'violation', code, error: { code: 'STT_PROTOCOL' } })
  })

  // spec: STT-PKT-27
  test('of a peer that broke a rule nothing is read any more: its packets are counted for CLOSE, forged ones not', () => {
    const lone = new LoneSession('responder')
    lone.deliver(Uint8Array.of(0x03))
    lone.takeFrames()
    const { framesReceived } = lone.session.getStatistics()
    for (let i = 0; i < 7; i++) lone.deliver(i % 2 ? Uint8Array.of(0x03) : frames.close())
    for (let i = 0; i < 9; i++) lone.receive(flipped(lone.packet(frames.ping()), 20))
    expect(lone.takeFrames()).toEqual([])
    lone.deliver(frames.stream(0, 5))
    expect(lone.takeFrames().join()).toContain('CLOSE protocol 8')
    // No key moves for it either: the next epoch verifies, the one after that does not.
    for (let i = 0; i < 9; i++) {
      lone.peer.advanceEpoch()
      lone.deliver(frames.ping())
    }
    expect(lone.takeFrames()).toEqual([])
    expect(lone.session.getStatistics()).toMatchObject({ framesReceived, receiveEpoch: 0, state: 'closing' })
    expect(lone.eventsOf('ended')).toHaveLength(1)
  })

  // spec: STT-PKT-25
  test.each([
    ['message', 'closed'],
    ['datagram', 'closing'],
  ] as const)('on a %s link a session whose peer broke a rule is %s once CLOSE was sent', (kind, state) => {
    const lone = new LoneSession('responder', { kind })
    lone.deliver(Uint8Array.of(0x03))
    expect(lone.takeFrames().join()).toContain('CLOSE protocol 8')
    expect(lone.session.state).toBe(state)
  })

  // spec: STT-PKT-26
  test('after the peer’s CLOSE nothing is opened', () => {
    const lone = new LoneSession('responder')
    lone.deliver(frames.close())
    for (let i = 0; i < 20; i++) lone.deliver(frames.ping())
    expect(lone.takeFrames()).toHaveLength(1)
    const { packetsDropped, packetsReceived } = lone.session.getStatistics()
    expect([packetsDropped.closed, packetsReceived]).toEqual([20, 1])
  })

  test('ACKs of as many ranges as a packet holds cost what they name', () => {
    const lone = new LoneSession('initiator', { kind: 'message' })
    const ranges = Array.from({ length: 2 * 16_000 }, (_, i) => 64_000 - 4 * (i >> 1))
    const body = new Uint8Array(65_000)
    body.set([0x02, 0x80, 0, 0xfa, 0, 0, 0x7e, 0x80, 0])
    for (let i = 9; i < 9 + ranges.length; i += 2) body.set([2, 0], i)
    lone.deliver(body)
    expect(lone.event('ended')?.reason).toMatchObject({ by: 'violation', code: 9 })
  })

  test('an exception of this side’s own is no fault of the peer’s: it passes through', () => {
    const lone = new LoneSession('responder')
    lone.source.onStream = () => {
      throw new RangeError('a defect')
    }
    expect(() => lone.deliver(frames.stream(0, 1))).toThrowError('a defect')
  })
})

// spec: STT-PKT-22
test('two ends on a message link: one altered packet costs the link, and a new link carries everything on', () => {
  const { pair, loop, initiator, responder } = sessionPair()
  loop.runUntil(100)
  const deliver = pair.server.onPacket
  let count = 0
  pair.server.onPacket = packet => deliver(++count === 3 ? flipped(packet, 30) : packet)
  initiator.source.queue(1_000_000)
  initiator.drive()
  loop.runUntil(1_000)
  expect(responder.event('link-failed')).toBeDefined()
  expect(responder.source.receivedBytes).toBeLessThan(1_000_000)
  expect([initiator.session.state, responder.session.state]).toEqual(['active', 'active'])

  const second = linkPair({ seed: 2, kind: 'message', loop })
  initiator.attach(second.client)
  responder.attach(second.server)
  initiator.drive()
  loop.runUntil(5_000)
  expect(initiator.session.getStatistics().packetsOutstanding).toBe(0)
  expect(responder.source.receivedBytes).toBeGreaterThanOrEqual(1_000_000)
})
