import type { LossRecovery, SentPacket } from '@stt/frame'

import type { VirtualLoop, VirtualPath, VirtualTimer } from '@stt/testing'
import { Ranges } from './ranges.ts'

/** A data packet by number, or an ACK: pairs of highest and lowest number, newest first, and the receiver's delay. */
export type FlowItem = { readonly number: number } | { readonly ranges: readonly number[]; readonly ackDelay: number }

export interface FlowOptions {
  readonly loop: VirtualLoop
  readonly recovery: LossRecovery
  /** Bytes of each data packet. */
  readonly size: number
  /** Packets to deliver; without it there is always more to send. */
  readonly packets?: number
  /** Packets that the application produces each millisecond; without it they are all there at once. */
  readonly production?: number
  readonly forward: Pick<VirtualPath<FlowItem>, 'send'>
  readonly back: Pick<VirtualPath<FlowItem>, 'send'>
}

/**
 * A `LossRecovery` alone in virtual time: a sender of numbered packets and a receiver that acknowledges every second
 * one, or after 25 ms, or at once when there is a gap. No bytes, no keys, no streams.
 */
export class Flow {
  readonly recovery: LossRecovery
  delivered = 0
  retransmitted = 0
  /** Largest number of packets that left at one moment. */
  largestBurst = 0
  readonly #options: FlowOptions
  readonly #sent = new Map<number, SentPacket>()
  readonly #acknowledged = new Ranges()
  readonly #received = new Ranges()
  #next = 0
  #fresh = 0
  #lostWaiting = 0
  #unacknowledged = 0
  #receivedAt = 0
  #ackTimer: VirtualTimer | undefined
  #timer: VirtualTimer | undefined
  #burst = 0
  #burstAt = -1

  constructor(options: FlowOptions) {
    this.#options = options
    this.recovery = options.recovery
  }

  get done(): boolean {
    return this.delivered >= (this.#options.packets ?? Number.POSITIVE_INFINITY)
  }

  start(): void {
    this.#drive()
  }

  /** An ACK, as `back` delivers it. */
  readonly atSender = (item: FlowItem): void => {
    if ('number' in item) return
    const acknowledged: SentPacket[] = []
    const { ranges } = item
    for (let i = 0; i < ranges.length; i += 2) {
      this.#acknowledged.eachMissing(ranges[i + 1]!, ranges[i]!, number => {
        const packet = this.#sent.get(number)
        if (packet) acknowledged.push(packet)
      })
    }
    acknowledged.reverse()
    for (const { packetNumber } of acknowledged) {
      this.#sent.delete(packetNumber)
      this.#acknowledged.add(packetNumber)
    }
    if (acknowledged.length > 0) {
      const { now } = this.#options.loop
      const lost: SentPacket[] = []
      const newest = acknowledged.at(-1)!
      const timedFrom = newest.packetNumber === ranges[0] ? newest.sentAt : undefined
      this.recovery.onAcknowledged(acknowledged, timedFrom, item.ackDelay, lost, now)
      this.#lostWaiting += lost.length
    }
    this.#drive()
  }

  /** Takes what `forward` delivers. */
  readonly atReceiver = (item: FlowItem): void => {
    if (!('number' in item)) return
    const before = this.#received.largest
    if (!this.#received.add(item.number)) return
    this.delivered++
    this.#receivedAt = this.#options.loop.now
    this.#unacknowledged++
    if (this.#unacknowledged >= 2 || item.number !== before + 1) this.#acknowledge()
    else this.#ackTimer = this.#options.loop.after(25, () => this.#acknowledge())
  }

  #acknowledge(): void {
    const { loop, back } = this.#options
    loop.cancel(this.#ackTimer)
    if (this.#unacknowledged === 0) return
    this.#unacknowledged = 0
    back.send({ ranges: this.#received.newest(64), ackDelay: loop.now - this.#receivedAt }, 60)
  }

  #drive(): void {
    const { loop, size } = this.#options
    const { now } = loop
    const { recovery } = this
    const lost: SentPacket[] = []
    recovery.onTime(lost, now)
    this.#lostWaiting += lost.length
    while (recovery.probesWanted > 0) this.#send(now)
    let wakeAt = Number.POSITIVE_INFINITY
    while (this.#hasData(now)) {
      if (!recovery.congestion.canSend(size, now)) {
        wakeAt = recovery.congestion.deadline(now)
        break
      }
      this.#send(now)
    }
    if (!this.#hasData(now)) {
      recovery.congestion.onApplicationLimited()
      if (this.#options.production && !this.done) wakeAt = now + 1
    }
    wakeAt = Math.min(wakeAt, recovery.deadline)
    loop.cancel(this.#timer)
    this.#timer = wakeAt < Number.POSITIVE_INFINITY ? loop.schedule(wakeAt, () => this.#drive()) : undefined
  }

  #hasData(now: number): boolean {
    if (this.#lostWaiting > 0) return true
    const { packets = Number.POSITIVE_INFINITY, production = Number.POSITIVE_INFINITY } = this.#options
    return this.#fresh < Math.min(packets, production === Number.POSITIVE_INFINITY ? packets : now * production)
  }

  #send(now: number): void {
    const { size, forward } = this.#options
    if (this.#lostWaiting > 0) {
      this.#lostWaiting--
      this.retransmitted++
    } else this.#fresh++
    const packet: SentPacket = {
      packetNumber: this.#next++,
      sentAt: now,
      size,
      ackEliciting: true,
      lost: false,
    }
    this.#sent.set(packet.packetNumber, packet)
    this.recovery.onPacketSent(packet, now)
    this.#burst = now === this.#burstAt ? this.#burst + 1 : 1
    this.#burstAt = now
    this.largestBurst = Math.max(this.largestBurst, this.#burst)
    forward.send({ number: packet.packetNumber }, size)
  }
}
