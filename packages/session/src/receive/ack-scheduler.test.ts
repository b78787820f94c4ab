import { describe, expect, test } from 'vitest'
import { deadLink } from '../../test/links.ts'
import { AckScheduler } from './ack-scheduler.ts'

const datagram = deadLink('datagram')
const message = deadLink('message')
const NEVER = Number.POSITIVE_INFINITY

// spec: STT-PKT-16
describe('AckScheduler', () => {
  test('datagram link: 25 ms, or the second packet', () => {
    const acks = new AckScheduler()
    acks.onPacket(0, 1_200, true, false, datagram, 0, 1_000)
    expect(acks.deadline).toBe(1_025)
    acks.onPacket(1, 1_200, true, false, datagram, 0, 1_010)
    expect(acks.deadline).toBe(1_010)
    acks.onAckSent()
    expect(acks.deadline).toBe(NEVER)
    expect(acks.pending).toBe(false)
  })

  test('message link: 100 ms, or 512 KiB, however many packets', () => {
    const acks = new AckScheduler()
    acks.onPacket(0, 65_535, true, false, message, 0, 0)
    expect(acks.deadline).toBe(100)
    for (let number = 1; number < 8; number++) acks.onPacket(number, 65_535, true, false, message, 0, number)
    expect(acks.deadline).toBe(100)
    acks.onPacket(8, 65_535, true, false, message, 0, 8)
    expect(acks.deadline).toBe(8)
  })

  test.each([datagram, message])('what its sender waits for is acknowledged at once: $kind', link => {
    const acks = new AckScheduler()
    acks.onPacket(0, 100, true, true, link, 0, 7)
    expect(acks.deadline).toBe(7)
  })

  test('a packet out of order is acknowledged at once where packets get lost, and nowhere else', () => {
    for (const [link, deadline] of [
      [datagram, 5],
      [message, 105],
    ] as const) {
      // biome-ignore format: one line
      const ahead = new AckScheduler()
      ahead.onPacket(1, 100, true, false, link, 0, 5)
      expect(ahead.deadline).toBe(deadline)
      const late = new AckScheduler()
      late.onPacket(0, 100, false, false, link, 0, 0)
      late.onPacket(2, 100, false, false, link, 0, 0)
      late.onPacket(1, 100, true, false, link, 0, 5)
      expect(late.deadline).toBe(deadline)
    }
  })

  test('a packet that asks for no acknowledgement gets none by itself, and is reported with the next', () => {
    const acks = new AckScheduler()
    acks.onPacket(0, 100, false, false, datagram, 0, 0)
    acks.onPacket(5, 100, false, false, datagram, 0, 0)
    expect(acks.pending).toBe(false)
    expect(acks.deadline).toBe(NEVER)
    acks.onPacket(6, 100, true, false, datagram, 0, 0)
    expect(acks.ranges).toEqual([6, 5, 0, 0])
  })

  test('the delay counts from the arrival of the largest number, in microseconds', () => {
    const acks = new AckScheduler()
    acks.onPacket(3, 100, true, false, datagram, 0, 10)
    acks.onPacket(2, 100, true, false, datagram, 0, 14)
    expect(acks.delay(14.5)).toBe(4_500)
  })

  test('what was acknowledged in vain for long is not repeated for ever', () => {
    const acks = new AckScheduler()
    for (const number of [0, 1, 4, 9]) acks.onPacket(number, 100, true, false, datagram, 0, 0)
    acks.onAckAcknowledged(4)
    expect(acks.ranges).toEqual([9, 9])
  })

  test('a long run in order gets one ACK for ten packets, or after a quarter of the round trip', () => {
    const acks = new AckScheduler()
    const rtt = 8
    /** The packets acknowledged at once, of `count` from `from` on, ten in a millisecond. */
    const acknowledged = (from: number, count: number): number[] => {
      const numbers: number[] = []
      for (let number = from; number < from + count; number++) {
        const now = number / 10
        acks.onPacket(number, 1_200, true, false, datagram, rtt, now)
        if (acks.deadline > now) continue
        numbers.push(number)
        acks.onAckSent()
      }
      return numbers
    }
    expect(acknowledged(0, 62)).toHaveLength(31)
    expect(acknowledged(62, 40)).toEqual([71, 81, 91, 101])
    acks.onAckSent()
    acks.onPacket(102, 1_200, true, false, datagram, rtt, 20)
    expect(acks.deadline).toBe(45)
    acks.onPacket(103, 1_200, true, false, datagram, rtt, 21)
    expect(acks.deadline).toBe(23)
    acks.onAckSent()
    expect(acknowledged(105, 10)).toEqual([105, 107, 109, 111, 113])
  })

  test('without a round-trip time nothing is thinned out', () => {
    const acks = new AckScheduler()
    for (let number = 0; number < 200; number++) {
      acks.onPacket(number, 1_200, true, false, datagram, 0, number)
      if (number % 2 === 1) expect(acks.deadline).toBe(number)
      if (acks.deadline <= number) acks.onAckSent()
    }
  })
})
