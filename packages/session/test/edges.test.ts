import { provider } from '@stt/crypto'
import { MAX_PACKET_NUMBER, packetNumberOf } from '@stt/frame'
import { describe, expect, test } from 'vitest'
import { SessionEngine } from '../src/index.ts'
import { PacketOpener } from '../src/keys/packet-opener.ts'
import { PacketSealer } from '../src/keys/packet-sealer.ts'
import { ReplayWindow } from '../src/keys/replay-window.ts'
import { StatelessResets } from '../src/listen.ts'
import { ReceivedPackets } from '../src/receive/received-packets.ts'
import { DeliveryTracker } from '../src/send/delivery-tracker.ts'
import { DEFAULT_MAX_FAILURES } from '../src/session-config.ts'
import { CountingSource } from './counting-source.ts'
import { frames } from './frames.ts'
import { activePath, deadLink } from './links.ts'
import { LoneSession } from './lone-session.ts'
import { ScriptedRecovery } from './scripted-recovery.ts'
import { seal } from './sealed.ts'
import { sentFrame, sentPacket } from './sent-packet.ts'
import { sessionConfig } from './session-config.ts'

/*
 * The numbers of the protocol's rules as they are written there, each from both of its sides, where no other test has
 * them: code that takes its own constant for the truth would pass with any value.
 */

const noFate = { onFrameAcknowledged: () => {}, onFrameLost: () => {}, onFrameProbed: () => false }

describe('numbers of packets', () => {
  // spec: STT-PKT-6
  test.each([8_192, 20_000, 2 ** 47])('of the newest 8,192 each is known, where %i is the highest', highest => {
    const window = new ReplayWindow()
    window.accept(highest - 8_191)
    window.accept(highest)
    expect(window.isNew(highest - 8_191)).toBe(false)
    expect(window.isNew(highest - 8_190)).toBe(true)
    expect(window.isNew(highest - 8_192)).toBe(false)
    const fresh = new ReplayWindow()
    fresh.accept(highest)
    expect([fresh.isNew(highest - 8_191), fresh.isNew(highest - 8_192)]).toEqual([true, false])
  })

  // spec: STT-PKT-6
  test.each([65_536, 70_000, 2 ** 47])('of the newest 65,536 in a wide window, where %i is the highest', highest => {
    const window = new ReplayWindow()
    window.widen()
    window.accept(highest - 65_535)
    window.accept(highest)
    expect(window.isNew(highest - 65_535)).toBe(false)
    expect(window.isNew(highest - 65_534)).toBe(true)
    expect(window.isNew(highest - 65_536)).toBe(false)
  })

  // spec: STT-PKT-6
  test.each([
    [8_192, false],
    [65_536, true],
  ])('a packet one less than %i behind the newest is taken, one so far behind is not', (size, wide) => {
    const sealer = new PacketSealer(provider, new Uint8Array(32), new Uint8Array(8))
    const opener = new PacketOpener(provider, new Uint8Array(32))
    if (wide) opener.widenReplayWindow()
    const [tooOld, oldest] = [seal(sealer), seal(sealer)]
    for (let number = 2; number < size; number++) sealer.skipPacketNumber()
    const open = (packet: Uint8Array): unknown => opener.open(packet, packetNumberOf(packet)!, 0, 0)
    open(seal(sealer))
    expect(open(tooOld)).toBe('duplicate')
    expect(open(oldest)).toMatchObject({ length: 1 })
  })

  // spec: STT-PKT-5 STT-FRM-4
  test('end below 2^48', () => {
    expect(MAX_PACKET_NUMBER).toBe(281_474_976_710_656)
  })

  // spec: STT-PKT-23
  test('2^36 of them may fail to verify', () => {
    expect(DEFAULT_MAX_FAILURES).toBe(68_719_476_736)
  })
})

describe('acknowledgements', () => {
  test('64 ranges are reported, and the oldest of 65 is not', () => {
    const received = new ReceivedPackets()
    for (let i = 0; i < 64; i++) received.add(2 * i)
    expect(received.ranges).toHaveLength(2 * 64)
    expect(received.ranges.slice(-2)).toEqual([0, 0])
    received.add(2 * 64)
    expect(received.ranges).toHaveLength(2 * 64)
    expect(received.ranges.slice(-2)).toEqual([2, 2])
  })

  // spec: STT-PKT-20
  test.each([
    ['datagram', 25, 24],
    ['datagram', 25, 25],
    ['datagram', 25, 26],
    ['message', 100, 99],
    ['message', 100, 100],
    ['message', 100, 101],
  ] as const)('on a %s link the peer’s delay counts for %i ms at most: %i', (kind, most, delay) => {
    // biome-ignore format: one line
    const deliveries = new DeliveryTracker(noFate)
    const path = activePath(deadLink(kind, 1_200, kind === 'datagram' ? new ScriptedRecovery() : undefined))
    const exchange = (packetNumber: number, sentAt: number, now: number, waited: number): void => {
      deliveries.onSent(sentPacket(packetNumber, { path, sentAt }), path, sentAt)
      deliveries.onAck([packetNumber, packetNumber], waited * 1_000, 0, packetNumber + 1, path, now)
    }
    exchange(0, 0, 80, 0)
    exchange(1, 1_000, 1_000 + 80 + 200, delay)
    expect(path.rtt.smoothed).toBe((7 * 80 + 280 - Math.min(delay, most)) / 8)
  })

  // spec: STT-PKT-43
  test.each([
    ['datagram', 65_536],
    ['message', 16_384],
  ] as const)('on a %s link %i packets may be outstanding, the last 256 of them probes', (kind, most) => {
    // biome-ignore format: one line
    const deliveries = new DeliveryTracker(noFate)
    const path = activePath(deadLink(kind, 1_200, kind === 'datagram' ? new ScriptedRecovery() : undefined))
    const room = (): boolean[] => [deliveries.hasRoom(path.link, false), deliveries.hasRoom(path.link, true)]
    const seen: Record<number, boolean[]> = {}
    for (let number = 0; number < most; number++) {
      if (number === most - 257 || number === most - 256 || number === most - 1) seen[number] = room()
      deliveries.onSent(sentPacket(number, { path }), path, 0)
    }
    expect(seen).toEqual({ [most - 257]: [true, true], [most - 256]: [false, true], [most - 1]: [false, true] })
    expect(room()).toEqual([false, false])
    deliveries.onAck([1, 0], 0, 0, most, path, 1)
    expect(room()).toEqual([false, true])
  })

  // spec: STT-PKT-43
  test('of what was declared lost no more is remembered than that', () => {
    const deliveries = new DeliveryTracker(noFate)
    const recovery = new ScriptedRecovery()
    const path = activePath(deadLink('datagram', 1_200, recovery))
    for (let number = 0; number < 65_536; number++) {
      deliveries.onSent(sentPacket(number, { path, frames: [sentFrame('Ping')] }), path, 0)
    }
    deliveries.leave(path)
    expect([deliveries.outstanding, deliveries.remembered]).toEqual([0, 65_536])
    for (let number = 65_536; number < 65_600; number++) deliveries.onSent(sentPacket(number, { path }), path, 0)
    expect([deliveries.outstanding, deliveries.remembered]).toEqual([64, 65_536])
  })

  test.each([299, 300, 301])('a lost packet is remembered for 3 PTO, here 300 ms: %i ms after it was sent', now => {
    const acknowledged: number[] = []
    const deliveries = new DeliveryTracker({ ...noFate, onFrameAcknowledged: frame => acknowledged.push(frame.id) })
    const recovery = new ScriptedRecovery()
    const path = activePath(deadLink('datagram', 1_200, recovery))
    for (const number of [0, 1, 2]) {
      deliveries.onSent(sentPacket(number, { path, frames: [sentFrame('Stream', number)] }), path, 0)
    }
    recovery.loseOnAck = [0]
    deliveries.onAck([1, 1], 0, 0, 3, path, 1)
    deliveries.onAck([2, 2], 0, 0, 3, path, now)
    deliveries.onAck([2, 0], 0, 0, 3, path, now)
    expect(acknowledged).toEqual(now <= 300 ? [1, 2, 0] : [1, 2])
  })
})

describe('sizes', () => {
  // spec: STT-PKT-39
  test('a reset has 17 random bytes at least and 43 at most before its token', () => {
    const lengthFor = (draw: number, answered: number): number | undefined => {
      const resets = new StatelessResets({
        provider,
        resetKey: new Uint8Array(32),
        entropy: length => new Uint8Array(length).fill(draw),
      })
      const datagram = new Uint8Array(answered)
      datagram[0] = 0x40
      return resets.answer(datagram, 'here', 0)?.length
    }
    expect([lengthFor(0, 1_200), lengthFor(26, 1_200), lengthFor(27, 1_200)]).toEqual([17 + 16, 43 + 16, 17 + 16])
    expect([lengthFor(0, 33), lengthFor(0, 34), lengthFor(1, 34)]).toEqual([undefined, 33, 33])
  })

  // spec: STT-PKT-40
  test.each([32, 33])('a reset token counts in datagrams of 33 bytes and more: %i', length => {
    const resetToken = new Uint8Array(16).fill(0x77)
    const lone = new LoneSession('initiator', { resetToken })
    const datagram = new Uint8Array(length).fill(0x77)
    datagram[0] = 0x41
    lone.receive(datagram)
    expect(lone.session.state).toBe(length < 33 ? 'active' : 'closed')
  })

  test.each([65_535, 65_536])('a packet has at most 65,535 bytes: %i', length => {
    const lone = new LoneSession('responder', { kind: 'message' })
    lone.deliver(frames.join(frames.ping(), frames.padding(length - 34)))
    expect(lone.session.state).toBe(length === 65_535 ? 'active' : 'handshaking')
  })
})

describe('times', () => {
  // spec: STT-PKT-28 STT-HS-11
  test('an idle timeout of a second ends the session after a second', () => {
    const idle = { ...sessionConfig('responder', new CountingSource()).localLimits, idleTimeout: 1_000 }
    const session = new SessionEngine(sessionConfig('responder', new CountingSource(), { peerLimits: idle }))
    expect([session.isExpired(999), session.isExpired(1_000)]).toEqual([false, true])
  })
})
