import type { RttEstimate, SentPacket } from '@stt/frame'
import { InFlight } from './in-flight.ts'

/** A packet that was declared lost, with its place among the packets of the path. */
export interface Loss {
  readonly packet: SentPacket
  readonly ordinal: number
}

/** Which packets of one path are in flight, and which of them must be lost (RFC 9002 §6.1). */
export class LossDetector {
  readonly #inFlight = new InFlight()
  /** Ordinal of the newest packet that was acknowledged. */
  #newestAcknowledged = -1
  #lossTime = Number.POSITIVE_INFINITY

  get bytesInFlight(): number {
    return this.#inFlight.bytes
  }

  get packetsInFlight(): number {
    return this.#inFlight.count
  }

  /** When the next packet that was overtaken counts as lost; `Infinity` when there is none. */
  get lossTime(): number {
    return this.#lossTime
  }

  onSent(packet: SentPacket): void {
    this.#inFlight.add(packet)
  }

  /** @returns whether the packet was in flight, which it no longer is */
  acknowledge(packetNumber: number): boolean {
    const ordinal = this.#inFlight.find(packetNumber)
    if (ordinal < 0) return false
    this.#inFlight.remove(ordinal)
    this.#newestAcknowledged = Math.max(this.#newestAcknowledged, ordinal)
    return true
  }

  /** Takes the packets that are lost by now, oldest first, and sets `lossTime`. */
  // spec: STT-REC-2
  // spec: STT-REC-3
  detect(rtt: RttEstimate, lost: Loss[], now: number): void {
    const inFlight = this.#inFlight
    const delay = Math.max(TIME_THRESHOLD * Math.max(rtt.latest, rtt.smoothed), TIMER_GRANULARITY)
    this.#lossTime = Number.POSITIVE_INFINITY
    for (let ordinal = inFlight.first; ordinal < this.#newestAcknowledged; ordinal++) {
      const packet = inFlight.at(ordinal)
      if (!packet) continue
      const lostAt = packet.sentAt + delay
      if (lostAt > now && ordinal + PACKET_THRESHOLD > this.#newestAcknowledged) {
        this.#lossTime = Math.min(this.#lossTime, lostAt)
        continue
      }
      inFlight.remove(ordinal)
      lost.push({ packet, ordinal })
    }
  }
}

const PACKET_THRESHOLD = 3
const TIME_THRESHOLD = 9 / 8
const TIMER_GRANULARITY = 1
