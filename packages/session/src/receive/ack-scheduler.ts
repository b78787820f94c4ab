import type { Link } from '@stt/frame'
import { maxAckDelay } from '../path/path.ts'
import { ReceivedPackets } from './received-packets.ts'

/** Decides when an ACK is due and what it says. */
export class AckScheduler {
  readonly #received = new ReceivedPackets()
  #largestReceivedAt = 0
  #packetsWaiting = 0
  #bytesWaiting = 0
  #deadline = Number.POSITIVE_INFINITY

  /** What an ACK written now reports: pairs of highest and lowest number, descending. */
  get ranges(): readonly number[] {
    return this.#received.ranges
  }

  /** Whether an ACK would say something that asks to be said. */
  get pending(): boolean {
    return this.#packetsWaiting > 0
  }

  /** When an ACK is due by itself; `Infinity` when none waits. */
  get deadline(): number {
    return this.#deadline
  }

  /** Microseconds since the largest number arrived. */
  delay(now: number): number {
    return Math.max(0, Math.round((now - this.#largestReceivedAt) * 1_000))
  }

  /**
   * A packet verified.
   *
   * @param urgent whether it holds something whose sender waits: FIN, RESET, PING, PATH_*, HANDSHAKE_DONE, a new epoch
   */
  // spec: STT-PKT-16
  onPacket(packetNumber: number, size: number, ackEliciting: boolean, urgent: boolean, link: Link, now: number): void {
    const inOrder = packetNumber === this.#received.largest + 1
    this.#received.add(packetNumber)
    if (this.#received.largest === packetNumber) this.#largestReceivedAt = now
    if (!ackEliciting) return
    this.#packetsWaiting++
    this.#bytesWaiting += size
    const isDatagram = link.kind === 'datagram'
    // Out of order on a datagram link: that is how the sender learns of a loss, and it is told at once.
    const atOnce =
      urgent ||
      (isDatagram ? !inOrder || this.#packetsWaiting >= DATAGRAM_PACKETS : this.#bytesWaiting >= MESSAGE_BYTES)
    this.#deadline = Math.min(this.#deadline, atOnce ? now : now + maxAckDelay(link))
  }

  onAckSent(): void {
    this.#packetsWaiting = 0
    this.#bytesWaiting = 0
    this.#deadline = Number.POSITIVE_INFINITY
  }

  /** The peer has seen an ACK of everything up to `packetNumber`. */
  onAckAcknowledged(packetNumber: number): void {
    this.#received.forgetUpTo(packetNumber)
  }
}

/** Packets on a datagram link, and bytes on a message link, that one ACK may wait for. */
const DATAGRAM_PACKETS = 2
const MESSAGE_BYTES = 512 * 1_024
