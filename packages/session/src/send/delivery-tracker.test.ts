import type { SentFrame } from '@stt/frame'
import { describe, expect, test } from 'vitest'
import { activePath, deadLink } from '../../test/links.ts'
import { ScriptedRecovery } from '../../test/scripted-recovery.ts'
import { sentFrame, sentPacket } from '../../test/sent-packet.ts'
import { DeliveryTracker } from './delivery-tracker.ts'
import type { OutstandingPacket } from './outstanding-packet.ts'

function setUp(kind: 'datagram' | 'message' = 'datagram') {
  const acknowledged: number[] = []
  const lost: number[] = []
  const probed: number[] = []
  const deliveries = new DeliveryTracker({
    onFrameAcknowledged: frame => acknowledged.push(frame.id),
    onFrameLost: frame => lost.push(frame.id),
    onFrameProbed: frame => probed.push(frame.id) > 0,
  })
  const recovery = kind === 'datagram' ? new ScriptedRecovery() : undefined
  const path = activePath(deadLink(kind, 1_200, recovery))
  let next = 0
  const send = (
    frames: SentFrame[] = [sentFrame('Stream', next)],
    overrides: Partial<OutstandingPacket> = {},
  ): OutstandingPacket => {
    const packet = sentPacket(next++, { path, frames, ...overrides })
    deliveries.onSent(packet, path, packet.sentAt)
    return packet
  }
  const acknowledge = (ranges: number[], now = 50, delay = 0, epoch = 0) =>
    deliveries.onAck(ranges, delay, epoch, next, path, now)
  return { deliveries, path, recovery, send, acknowledge, acknowledged, lost, probed }
}

describe('DeliveryTracker', () => {
  test('each frame is told to have arrived once, however often that is acknowledged', () => {
    const { deliveries, send, acknowledge, acknowledged } = setUp()
    for (let i = 0; i < 4; i++) send()
    acknowledge([1, 0])
    acknowledge([3, 3, 1, 0])
    acknowledge([3, 0])
    expect(acknowledged).toEqual([0, 1, 3, 2])
    expect(deliveries.outstanding).toBe(0)
  })

  // spec: STT-PKT-17
  test('an ACK of a number that was never sent is the peer’s fault', () => {
    const { send, acknowledge } = setUp()
    send()
    expect(() => acknowledge([1, 0])).toThrowError(expect.objectContaining({ closeCode: 0x09 }))
  })

  // spec: STT-PKT-18
  test('an ACK that covers the number left out is the peer’s fault', () => {
    const { deliveries, send, acknowledge } = setUp()
    for (let i = 0; i < 6; i++) send()
    deliveries.onSkipped(3)
    acknowledge([5, 4, 2, 0])
    expect(() => acknowledge([5, 3])).toThrowError(expect.objectContaining({ closeCode: 0x09 }))
  })

  // spec: STT-PKT-20 STT-REC-1
  test.each(['datagram', 'message'] as const)('%s: who only receives measures a round trip as well', kind => {
    const { deliveries, path, send } = setUp(kind)
    const ack = (largest: number, lowest: number, now: number): void =>
      void deliveries.onAck([largest, lowest], 0, 0, 1_000, path, now)
    send([], { sentAt: 100 })
    for (let number = 1; number <= 16; number++) deliveries.onSilentSent(number, path, 100 + number)
    ack(15, 0, 145)
    expect(path.rtt.latest).toBe(30)
  })

  // spec: STT-PKT-20 STT-REC-1
  test('no round trip is told by a number that another ACK had, one of another path, and one that is too long ago', () => {
    const { deliveries, path } = setUp()
    const other = activePath(deadLink('datagram', 1_200, new ScriptedRecovery()))
    const sendAt = (packetNumber: number): void =>
      deliveries.onSent(sentPacket(packetNumber, { path, frames: [], sentAt: 10 }), path, 10)
    const ack = (ranges: readonly number[], on = path): void => void deliveries.onAck(ranges, 0, 0, 1_000, on, 50)
    sendAt(0)
    sendAt(1)
    for (let number = 2; number < 40; number++) deliveries.onSilentSent(number, path, 20)
    // The time of that packet was not kept.
    ack([5, 0])
    sendAt(40)
    sendAt(41)
    deliveries.onSilentSent(42, path, 20)
    ack([42, 41], other)
    ack([42, 40])
    expect(path.rtt.latest).toBe(0)
    other.onSent(30)
    deliveries.onSilentSent(43, other, 30)
    sendAt(44)
    deliveries.onSilentSent(45, other, 30)
    ack([45, 44])
    expect([path.rtt.latest, other.rtt.latest]).toEqual([0, 0])
  })

  test('where nothing is waited for nothing is remembered of what asks for nothing', () => {
    const { deliveries, path } = setUp()
    deliveries.onSilentSent(0, path, 20)
    deliveries.onSent(sentPacket(1, { path, frames: [], sentAt: 10 }), path, 10)
    deliveries.onAck([1, 0], 0, 0, 1_000, path, 50)
    expect(path.rtt.latest).toBe(40)
  })

  // spec: STT-PKT-15
  test('an ACK under a key older than what it acknowledges is the peer’s fault', () => {
    const { send, acknowledge } = setUp()
    send([], { epoch: 1 })
    expect(() => acknowledge([0, 0], 50, 0, 0)).toThrowError(expect.objectContaining({ closeCode: 0x0e }))
    send([], { epoch: 1 })
    acknowledge([1, 1], 50, 0, 1)
  })

  test('the newest epoch and the newest ACK among what was acknowledged are reported', () => {
    const { send, acknowledge } = setUp()
    send([], { epoch: 1, largestAcknowledged: 7 })
    send([], { epoch: 2, largestAcknowledged: -1 })
    expect({ ...acknowledge([1, 0], 50, 0, 2) }).toEqual({ epoch: 2, largestAcknowledged: 7 })
    expect({ ...acknowledge([1, 0], 50, 0, 2) }).toEqual({ epoch: -1, largestAcknowledged: -1 })
  })

  test('what the recovery declares lost is told, and a late ACK of it too', () => {
    const { deliveries, recovery, send, acknowledge, acknowledged, lost } = setUp()
    for (let i = 0; i < 3; i++) send()
    recovery!.loseOnAck = [0]
    acknowledge([2, 1])
    expect(lost).toEqual([0])
    expect(deliveries.packetsLost).toBe(1)
    expect(deliveries.outstanding).toBe(0)
    acknowledge([2, 0])
    expect(acknowledged).toEqual([1, 2, 0])
    expect(deliveries.outstanding).toBe(0)
    expect(recovery!.acknowledged.flat()).toEqual([1, 2, 0])
  })

  test('one declared lost is forgotten after 3 PTO, and no ACK of it is told then', () => {
    const { recovery, send, acknowledge, acknowledged } = setUp()
    for (let i = 0; i < 3; i++) send(undefined, { sentAt: 0 })
    recovery!.loseOnAck = [0]
    acknowledge([1, 1], 1)
    acknowledge([2, 2], 1 + 3 * recovery!.probeTimeout)
    acknowledge([2, 0], 1 + 3 * recovery!.probeTimeout)
    expect(acknowledged).toEqual([1, 2])
  })

  // spec: STT-PKT-20
  test('a round trip is measured only on the newest packet of the ACK, on this path, less a delay that is capped', () => {
    const { path, send, acknowledge, deliveries } = setUp('message')
    send(undefined, { sentAt: 0 })
    send(undefined, { sentAt: 10 })
    acknowledge([1, 1], 40)
    expect(path.rtt.latest).toBe(30)
    acknowledge([1, 0], 500)
    expect(path.rtt.latest).toBe(30)
    send(undefined, { sentAt: 600, path: activePath(deadLink('message')) })
    acknowledge([2, 2], 700)
    expect(path.rtt.latest).toBe(30)
    send(undefined, { sentAt: 1_000 })
    acknowledge([3, 3], 1_200, 900_000)
    expect(path.rtt.smoothed).toBeCloseTo((7 * 30 + 100) / 8)
    expect(deliveries.outstanding).toBe(0)
  })

  // spec: STT-PKT-20
  test('a recovery hears only of packets of its own path', () => {
    const { recovery, send, acknowledge, acknowledged } = setUp()
    send(undefined, { path: activePath(deadLink('datagram')) })
    send()
    acknowledge([1, 0])
    expect(recovery!.acknowledged).toEqual([[1]])
    expect(acknowledged).toEqual([0, 1])
  })

  // spec: STT-PKT-19
  test('what a link leaves behind is sent again, and counts as no loss', () => {
    const { deliveries, path, recovery, send, acknowledge, lost, acknowledged } = setUp()
    send()
    send(undefined, { path: activePath(deadLink('message')) })
    send()
    deliveries.leave(path)
    deliveries.leave(path)
    expect(lost).toEqual([0, 2])
    expect([deliveries.outstanding, deliveries.packetsLost, deliveries.framesResent]).toEqual([1, 0, 2])
    acknowledge([2, 2])
    expect(acknowledged).toEqual([2])
    expect(recovery!.losses).toBe(0)
  })

  test('an ACK that comes while there is no path still settles frames', () => {
    const { deliveries, send, acknowledged } = setUp()
    send()
    deliveries.onAck([0, 0], 0, 0, 1, undefined, 10)
    expect(acknowledged).toEqual([0])
  })

  test('a probe carries the oldest frames that can be sent again, the next probe the next', () => {
    const { deliveries, path, send, acknowledge, probed } = setUp()
    send([])
    send()
    send()
    // Packets of another path may still arrive, and their loss would tell nothing about this one.
    send(undefined, { path: activePath(deadLink('datagram')) })
    deliveries.requeueForProbe(path)
    expect(probed).toEqual([1])
    deliveries.requeueForProbe(path)
    expect(probed).toEqual([1, 2])
    deliveries.requeueForProbe(path)
    expect(probed).toEqual([1, 2])
    acknowledge([0, 0])
    deliveries.requeueForProbe(path)
    expect(probed).toEqual([1, 2, 1])
    expect(deliveries.framesResent).toBe(3)
  })

  test('at the end everything that is open is told to be lost', () => {
    const { deliveries, send, lost } = setUp()
    send()
    send()
    deliveries.abandon()
    expect(lost).toEqual([0, 1])
  })
})
