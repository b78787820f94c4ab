import type { SentFrame } from '@stt/frame'
import { describe, expect, test } from 'vitest'
import { deadLink } from '../../test/links.ts'
import { ScriptedController } from '../../test/scripted-controller.ts'
import { sentFrame, sentPacket } from '../../test/sent-packet.ts'
import { createPath } from '../path/path.ts'
import { Recovery } from './recovery.ts'
import type { SentPacket } from './sent-packet.ts'

function setUp(kind: 'datagram' | 'message' = 'datagram') {
  const acknowledged: number[] = []
  const lost: number[] = []
  const probed: number[] = []
  const recovery = new Recovery({
    onFrameAcknowledged: frame => acknowledged.push(frame.id),
    onFrameLost: frame => lost.push(frame.id),
    onFrameProbed: frame => probed.push(frame.id) > 0,
  })
  const controller = kind === 'datagram' ? new ScriptedController() : undefined
  const path = createPath(deadLink(kind), controller)
  let next = 0
  const send = (frames: SentFrame[] = [sentFrame('Stream', next)], overrides: Partial<SentPacket> = {}): SentPacket => {
    const packet = sentPacket(next++, { link: path.link, frames, ...overrides })
    recovery.onSent(packet, path, packet.sentAt)
    return packet
  }
  const acknowledge = (ranges: number[], now = 50, delay = 0, epoch = 0) =>
    recovery.onAck(ranges, delay, epoch, next, path, now)
  return { recovery, path, controller, send, acknowledge, acknowledged, lost, probed }
}

describe('Recovery', () => {
  test('each frame is told to have arrived once, however often that is acknowledged', () => {
    const { recovery, send, acknowledge, acknowledged } = setUp()
    for (let i = 0; i < 4; i++) send()
    acknowledge([1, 0])
    acknowledge([3, 3, 1, 0])
    acknowledge([3, 0])
    expect(acknowledged).toEqual([0, 1, 3, 2])
    expect(recovery.outstanding).toBe(0)
  })

  // spec: STT-PKT-17
  test('an ACK of a number that was never sent is the peer’s fault', () => {
    const { send, acknowledge } = setUp()
    send()
    expect(() => acknowledge([1, 0])).toThrowError(expect.objectContaining({ closeCode: 0x09 }))
  })

  // spec: STT-PKT-18
  test('an ACK that covers the number left out is the peer’s fault', () => {
    const { recovery, send, acknowledge } = setUp()
    for (let i = 0; i < 6; i++) send()
    recovery.onSkipped(3)
    acknowledge([5, 4, 2, 0])
    expect(() => acknowledge([5, 3])).toThrowError(expect.objectContaining({ closeCode: 0x09 }))
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

  test('what the controller declares lost is told, and a late ACK of it too', () => {
    const { recovery, controller, send, acknowledge, acknowledged, lost } = setUp()
    for (let i = 0; i < 3; i++) send()
    controller!.loseOnAck = [0]
    acknowledge([2, 1])
    expect(lost).toEqual([0])
    expect(recovery.packetsLost).toBe(1)
    expect(recovery.outstanding).toBe(0)
    acknowledge([2, 0])
    expect(acknowledged).toEqual([1, 2, 0])
    expect(recovery.outstanding).toBe(0)
    expect(controller!.acknowledged.flat()).toEqual([1, 2, 0])
  })

  test('one declared lost is forgotten after 3 PTO, and no ACK of it is told then', () => {
    const { controller, send, acknowledge, acknowledged } = setUp()
    for (let i = 0; i < 3; i++) send(undefined, { sentAt: 0 })
    controller!.loseOnAck = [0]
    acknowledge([1, 1], 1)
    acknowledge([2, 2], 1 + 3 * controller!.probeTimeout)
    acknowledge([2, 0], 1 + 3 * controller!.probeTimeout)
    expect(acknowledged).toEqual([1, 2])
  })

  // spec: STT-PKT-20
  test('a round trip is measured only on the newest packet of the ACK, on this path, less a delay that is capped', () => {
    const { path, send, acknowledge, recovery } = setUp('message')
    send(undefined, { sentAt: 0 })
    send(undefined, { sentAt: 10 })
    acknowledge([1, 1], 40)
    expect(path.rtt.latest).toBe(30)
    acknowledge([1, 0], 500)
    expect(path.rtt.latest).toBe(30)
    send(undefined, { sentAt: 600, link: deadLink('message') })
    acknowledge([2, 2], 700)
    expect(path.rtt.latest).toBe(30)
    send(undefined, { sentAt: 1_000 })
    acknowledge([3, 3], 1_200, 900_000)
    expect(path.rtt.smoothed).toBeCloseTo((7 * 30 + 100) / 8)
    expect(recovery.outstanding).toBe(0)
  })

  // spec: STT-PKT-20
  test('a controller hears only of packets of its own path', () => {
    const { controller, send, acknowledge, acknowledged } = setUp()
    send(undefined, { link: deadLink('datagram') })
    send()
    acknowledge([1, 0])
    expect(controller!.acknowledged).toEqual([[1]])
    expect(acknowledged).toEqual([0, 1])
  })

  // spec: STT-PKT-19
  test('what a link leaves behind is sent again, and counts as no loss', () => {
    const { recovery, path, controller, send, acknowledge, lost, acknowledged } = setUp()
    send()
    send(undefined, { link: deadLink('message') })
    send()
    recovery.leave(path.link)
    recovery.leave(path.link)
    expect(lost).toEqual([0, 2])
    expect([recovery.outstanding, recovery.packetsLost, recovery.framesResent]).toEqual([1, 0, 2])
    acknowledge([2, 2])
    expect(acknowledged).toEqual([2])
    expect(controller!.losses).toBe(0)
  })

  test('an ACK that comes while there is no path still settles frames', () => {
    const { recovery, send, acknowledged } = setUp()
    send()
    recovery.onAck([0, 0], 0, 0, 1, undefined, 10)
    expect(acknowledged).toEqual([0])
  })

  test('a probe carries the oldest frames that can be sent again, the next probe the next', () => {
    const { recovery, send, acknowledge, probed } = setUp()
    send([])
    send()
    send()
    recovery.requeueForProbe()
    expect(probed).toEqual([1])
    recovery.requeueForProbe()
    expect(probed).toEqual([1, 2])
    recovery.requeueForProbe()
    expect(probed).toEqual([1, 2])
    acknowledge([0, 0])
    recovery.requeueForProbe()
    expect(probed).toEqual([1, 2, 1])
    expect(recovery.framesResent).toBe(3)
  })

  test('at the end everything that is open is told to be lost', () => {
    const { recovery, send, lost } = setUp()
    send()
    send()
    recovery.abandon()
    expect(lost).toEqual([0, 1])
  })
})
