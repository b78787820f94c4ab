import type { RttEstimator, SentPacket } from '@stt/session'

/** A packet that is in flight, and which one of this path's packets it is. */
export interface InFlight {
  readonly packet: SentPacket
  /** Counts the packets of this path: numbers may be skipped, or spent on other links and on plain ACKs. */
  readonly ordinal: number
}

/** Which packets of one path are in flight, and which of them must be lost (RFC 9002 §6.1). */
export class LossDetector {
  readonly #inFlight = new Map<number, InFlight>()
  #nextOrdinal = 0
  #largestAcknowledged = -1
  #largestAcknowledgedOrdinal = -1
  #lossTime = Number.POSITIVE_INFINITY
  #bytesInFlight = 0

  get bytesInFlight(): number {
    return this.#bytesInFlight
  }

  get packetsInFlight(): number {
    return this.#inFlight.size
  }

  /** When a packet that is overtaken but not yet lost will be; `Infinity` when there is none. */
  get lossTime(): number {
    return this.#lossTime
  }

  onSent(packet: SentPacket): void {
    this.#inFlight.set(packet.packetNumber, { packet, ordinal: this.#nextOrdinal++ })
    this.#bytesInFlight += packet.size
  }

  /** @returns what was in flight under this number, now no longer */
  acknowledge(packetNumber: number): InFlight | undefined {
    const entry = this.#inFlight.get(packetNumber)
    this.#largestAcknowledged = Math.max(this.#largestAcknowledged, packetNumber)
    if (!entry) return undefined
    this.#inFlight.delete(packetNumber)
    this.#bytesInFlight -= entry.packet.size
    this.#largestAcknowledgedOrdinal = Math.max(this.#largestAcknowledgedOrdinal, entry.ordinal)
    return entry
  }

  /** Takes the packets that are lost by now, oldest first, and finds out when the next one will be. */
  // spec: STT-REC-2
  // spec: STT-REC-3
  detect(rtt: RttEstimator, now: number, lost: InFlight[]): void {
    this.#lossTime = Number.POSITIVE_INFINITY
    const delay = Math.max(TIME_THRESHOLD * Math.max(rtt.latest, rtt.smoothed), TIMER_GRANULARITY)
    for (const entry of this.#inFlight.values()) {
      const { packet, ordinal } = entry
      if (packet.packetNumber > this.#largestAcknowledged) break
      const lostAt = packet.sentAt + delay
      if (lostAt > now && this.#largestAcknowledgedOrdinal < ordinal + PACKET_THRESHOLD) {
        this.#lossTime = Math.min(this.#lossTime, lostAt)
        continue
      }
      this.#inFlight.delete(packet.packetNumber)
      this.#bytesInFlight -= packet.size
      lost.push(entry)
    }
  }
}

const PACKET_THRESHOLD = 3
const TIME_THRESHOLD = 9 / 8
const TIMER_GRANULARITY = 1
