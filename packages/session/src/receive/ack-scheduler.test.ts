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
    acks.onPacket(0, 1_200, true, false, datagram, 1_000)
    expect(acks.deadline).toBe(1_025)
    acks.onPacket(1, 1_200, true, false, datagram, 1_010)
    expect(acks.deadline).toBe(1_010)
    acks.onAckSent()
    expect(acks.deadline).toBe(NEVER)
    expect(acks.pending).toBe(false)
  })

  test('message link: 100 ms, or 512 KiB, however many packets', () => {
    const acks = new AckScheduler()
    acks.onPacket(0, 65_535, true, false, message, 0)
    expect(acks.deadline).toBe(100)
    for (let number = 1; number < 8; number++) acks.onPacket(number, 65_535, true, false, message, number)
    expect(acks.deadline).toBe(100)
    acks.onPacket(8, 65_535, true, false, message, 8)
    expect(acks.deadline).toBe(8)
  })

  test.each([datagram, message])('what its sender waits for is acknowledged at once: $kind', link => {
    const acks = new AckScheduler()
    acks.onPacket(0, 100, true, true, link, 7)
    expect(acks.deadline).toBe(7)
  })

  test('a packet out of order is acknowledged at once where packets get lost, and nowhere else', () => {
    for (const [link, deadline] of [
      [datagram, 5],
      [message, 105],
    ] as const) {
      // biome-ignore format: one line
      const ahead = new AckScheduler()
      ahead.onPacket(1, 100, true, false, link, 5)
      expect(ahead.deadline).toBe(deadline)
      const late = new AckScheduler()
      late.onPacket(0, 100, false, false, link, 0)
      late.onPacket(2, 100, false, false, link, 0)
      late.onPacket(1, 100, true, false, link, 5)
      expect(late.deadline).toBe(deadline)
    }
  })

  test('a packet that asks for no acknowledgement gets none by itself, and is reported with the next', () => {
    const acks = new AckScheduler()
    acks.onPacket(0, 100, false, false, datagram, 0)
    acks.onPacket(5, 100, false, false, datagram, 0)
    expect(acks.pending).toBe(false)
    expect(acks.deadline).toBe(NEVER)
    acks.onPacket(6, 100, true, false, datagram, 0)
    expect(acks.ranges).toEqual([6, 5, 0, 0])
  })

  test('the delay counts from the arrival of the largest number, in microseconds', () => {
    const acks = new AckScheduler()
    acks.onPacket(3, 100, true, false, datagram, 10)
    acks.onPacket(2, 100, true, false, datagram, 14)
    expect(acks.delay(14.5)).toBe(4_500)
  })

  test('what was acknowledged in vain for long is not repeated for ever', () => {
    const acks = new AckScheduler()
    for (const number of [0, 1, 4, 9]) acks.onPacket(number, 100, true, false, datagram, 0)
    acks.onAckAcknowledged(4)
    expect(acks.ranges).toEqual([9, 9])
  })
})
