import type { SentPacket } from '@stt/frame'

/**
 * How much may be on its way over a relay. A relay that cannot pass on what it gets stops reading, and nothing is lost; but all
 * that waits there and before it is ahead of whatever is sent next. So no more is on its way than one relay takes, or twice
 * what arrives in a round trip, where that is more.
 */
// spec: STT-PKT-70
export class RelayedWindow {
  #inFlight = 0
  #delivered = 0
  /** Bytes a millisecond. */
  #rate = 0
  /** Milliseconds of a round trip in which nothing waited, as far as one was seen. */
  #roundTrip = Number.POSITIVE_INFINITY
  /** The packet whose way there and back is measured now. */
  #round: Round | undefined
  #hasAsked = false

  /** Bytes that may be on their way. */
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
    // One packet alone waits for no other: that is news of the way itself.
    this.#roundTrip = round.isAlone ? roundTrip : Math.min(this.#roundTrip, roundTrip)
    const rate = (this.#delivered - round.delivered) / took
    this.#rate = Math.max(rate, round.isLimited ? this.#rate / 2 : this.#rate)
  }

  /** What was sent is waited for no longer. */
  onLost({ size }: SentPacket): void {
    this.#inFlight -= size
  }
}

interface Round {
  readonly packetNumber: number
  readonly sentAt: number
  readonly delivered: number
  /** Nothing else was on its way when it left. */
  readonly isAlone: boolean
  /** More would have been sent. */
  isLimited: boolean
}

/** Bytes: what waits in a relay before it stops reading. */
const LEAST = 262_144
/** Milliseconds that programs on the way may take before they look again. */
const TURN = 10
