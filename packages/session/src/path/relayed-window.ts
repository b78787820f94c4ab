import type { SentPacket } from '@stt/frame'

/**
 * How much may be under way through a relay. A relay that cannot pass on bytes stops reading, so they are not lost, but all
 * bytes that wait there and before it delay the ones sent next. So no more is under way than one relay holds, or twice what
 * arrives in a round trip, whichever is more.
 */
// spec: STT-PKT-70
export class RelayedWindow {
  #inFlight = 0
  #delivered = 0
  /** Bytes per millisecond that arrive. */
  #rate = 0
  /** Milliseconds of a round trip without queues, as far as one was seen. */
  #roundTrip = Number.POSITIVE_INFINITY
  /** The packet whose round trip is measured now. */
  #round: Round | undefined
  #hasAsked = false

  /** Bytes that may be under way. */
  get size(): number {
    const carried = this.#rate === 0 ? 0 : 2 * this.#rate * (this.#roundTrip + TURN)
    return Math.max(LEAST, carried)
  }

  /** Whether a packet of this size may leave. */
  canSend(size: number): boolean {
    const can = this.#inFlight + size <= this.size
    if (!can && this.#round) this.#round.isLimited = true
    return can
  }

  /**
   * To be called when a packet may not leave.
   *
   * @returns whether to ask for an acknowledgement, once in a round trip: one that waits for more packets would wait in vain
   */
  asks(): boolean {
    const asks = !this.#hasAsked
    this.#hasAsked = true
    return asks
  }

  onSent({ packetNumber, size }: SentPacket, now: number): void {
    const isAlone = this.#inFlight === 0
    this.#round ??= { packetNumber, sentAt: now, delivered: this.#delivered, isAlone, isLimited: false }
    this.#inFlight += size
  }

  /** @param delay milliseconds that the peer waited before it acknowledged */
  onAcknowledged(packets: readonly SentPacket[], delay: number, now: number): void {
    for (const { size, lost } of packets) {
      if (!lost) this.#inFlight -= size
      this.#delivered += size
    }
    this.#hasAsked = false
    const round = this.#round
    if (!round || packets[packets.length - 1]!.packetNumber < round.packetNumber) return
    this.#round = undefined
    const took = Math.max(now - round.sentAt, 1)
    const roundTrip = Math.max(took - delay, 1)
    // A packet alone waits in no queue: its round trip is that of the path itself.
    this.#roundTrip = round.isAlone ? roundTrip : Math.min(this.#roundTrip, roundTrip)
    const rate = (this.#delivered - round.delivered) / took
    this.#rate = Math.max(rate, round.isLimited ? this.#rate / 2 : this.#rate)
  }

  /** The packet is no longer waited for. */
  onLost({ size }: SentPacket): void {
    this.#inFlight -= size
  }
}

interface Round {
  readonly packetNumber: number
  readonly sentAt: number
  readonly delivered: number
  /** Whether no other packet was under way when it left. */
  readonly isAlone: boolean
  /** Whether the window held back more. */
  isLimited: boolean
}

/** Bytes that a relay holds before it stops reading. */
const LEAST = 262_144
/** Milliseconds that programs on the way may take before they read again. */
const TURN = 10
