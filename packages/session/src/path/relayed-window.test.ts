import type { SentPacket } from '@stt/frame'
import { describe, expect, test } from 'vitest'
import { RelayedWindow } from './relayed-window.ts'

const KIB = 1_024
const SIZE = 64 * KIB

/** A sender whose packets a relay carries at a rate, one after the other. */
class Way {
  readonly window: RelayedWindow = new RelayedWindow()
  now = 0
  /** Bytes a millisecond, and milliseconds there and back. */
  rate: number
  readonly roundTrip: number
  #next = 0
  #busyUntil = 0
  readonly #sent: { readonly packet: SentPacket; readonly arrives: number }[] = []

  constructor(rate: number, roundTrip: number) {
    this.rate = rate
    this.roundTrip = roundTrip
  }

  get inFlight(): number {
    return this.#sent.reduce((sum, { packet }) => sum + packet.size, 0)
  }

  /** Sends what may be sent, and takes the acknowledgement that comes next. */
  step(): void {
    while (this.window.canSend(SIZE)) {
      this.#busyUntil = Math.max(this.#busyUntil, this.now) + SIZE / this.rate
      const packet = { packetNumber: this.#next++, sentAt: this.now, size: SIZE, ackEliciting: true, lost: false }
      this.window.onSent(packet, this.now)
      this.#sent.push({ packet, arrives: this.#busyUntil + this.roundTrip })
    }
    const { packet, arrives } = this.#sent.shift()!
    this.now = arrives
    this.window.onAcknowledged([packet], 0, this.now)
  }

  run(milliseconds: number): number {
    const end = this.now + milliseconds
    let carried = 0
    for (; this.now < end; carried += SIZE) this.step()
    return carried
  }
}

// spec: STT-PKT-70
describe('what may be on its way over a relay', () => {
  test('is 256 KiB where the way is slow', () => {
    const way = new Way(250, 40)
    way.run(60_000)
    expect(way.window.size).toBe(256 * KIB)
    expect(way.inFlight).toBeLessThanOrEqual(256 * KIB)
  })

  test.each([
    [4_000, 50],
    [20_000, 200],
    [500_000, 1],
  ])('fills a way of %i bytes a millisecond whose round trip is %i ms, and twice that at most', (rate, roundTrip) => {
    const way = new Way(rate, roundTrip)
    way.run(20 * roundTrip + 1_000)
    expect(way.run(1_000)).toBeGreaterThan(0.95 * rate * 1_000)
    expect(way.window.size).toBeLessThanOrEqual(2 * rate * (roundTrip + SIZE / rate + 10) * 1.1 + 256 * KIB)
  })

  test('shrinks when the way becomes slower', () => {
    const way = new Way(20_000, 50)
    way.run(2_000)
    way.rate = 250
    way.run(60_000)
    expect(way.window.size).toBe(256 * KIB)
  })

  test('a sender that says little does not make it small', () => {
    const way = new Way(20_000, 50)
    way.run(2_000)
    const { size } = way.window
    for (let i = 0; i < 20; i++) {
      const packet = { packetNumber: 1e6 + i, sentAt: way.now, size: 100, ackEliciting: true, lost: false }
      way.window.onSent(packet, way.now)
      way.now += 50
      way.window.onAcknowledged([packet], 0, way.now)
    }
    expect(way.window.size).toBeGreaterThan(size / 2)
  })

  test('what is waited for no longer makes room, once', () => {
    const window = new RelayedWindow()
    const packets = [0, 1, 2, 3].map(packetNumber => ({
      packetNumber,
      sentAt: 0,
      size: SIZE,
      ackEliciting: true,
      lost: false,
    }))
    for (const packet of packets) window.onSent(packet, 0)
    expect(window.canSend(1)).toBe(false)
    packets[0]!.lost = true
    window.onLost(packets[0]!)
    expect([window.canSend(SIZE), window.canSend(SIZE + 1)]).toEqual([true, false])
    // Its acknowledgement came late.
    window.onAcknowledged([packets[0]!], 0, 1_000_000)
    expect([window.canSend(SIZE), window.canSend(SIZE + 1)]).toEqual([true, false])
  })

  test('an acknowledgement is asked for once in a round trip', () => {
    const window = new RelayedWindow()
    const packet = { packetNumber: 0, sentAt: 0, size: SIZE, ackEliciting: true, lost: false }
    window.onSent(packet, 0)
    expect([window.asks(), window.asks()]).toEqual([true, false])
    window.onAcknowledged([packet], 0, 50)
    expect(window.asks()).toBe(true)
  })
})
