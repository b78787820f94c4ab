import type { Link } from '@stt/frame'
import { maxAckDelay } from '../path/path.ts'
import { ReceivedPackets } from './received-packets.ts'

/** Decides when an ACK is due and what it says. */
export class AckScheduler {
  readonly #received = new ReceivedPackets()
  #largestReceivedAt = 0
  #packetsWaiting = 0
  #bytesWaiting = 0
  /** Packets since the last one out of order. */
  #inOrder = 0
  #deadline = Number.POSITIVE_INFINITY

  /** The ranges that an ACK reports now: pairs of highest and lowest number, descending. */
  get ranges(): readonly number[] {
    return this.#received.ranges
  }

  /** Whether packets wait for an ACK. */
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
   * @param urgent whether the sender waits for the ACK: FIN, RESET, PING, HANDSHAKE_DONE, a new epoch
   * @param rtt round-trip time in milliseconds; 0 if unknown
   */
  // spec: STT-PKT-16
  onPacket(
    packetNumber: number,
    size: number,
    ackEliciting: boolean,
    urgent: boolean,
    link: Link,
    rtt: number,
    now: number,
  ): void {
    this.#inOrder = packetNumber === this.#received.largest + 1 ? this.#inOrder + 1 : 0
    this.#received.add(packetNumber)
    if (this.#received.largest === packetNumber) this.#largestReceivedAt = now
    if (!ackEliciting) return
    this.#packetsWaiting++
    this.#bytesWaiting += size
    const delay = urgent ? 0 : link.lossy ? this.#lossyDelay(rtt) : this.#losslessDelay()
    this.#deadline = Math.min(this.#deadline, now + Math.min(delay, maxAckDelay(link)))
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

  #lossyDelay(rtt: number): number {
    // Out of order: the sender learns of a loss that way, so it is told at once.
    if (this.#inOrder === 0) return 0
    if (this.#packetsWaiting < PACKETS_PER_ACK) return Number.POSITIVE_INFINITY
    // A flow that has run smoothly is large, and gets fewer ACKs: sealing and sending them is a fifth of its work.
    const isSmooth = rtt > 0 && this.#inOrder >= SMOOTH_PACKETS
    return isSmooth && this.#packetsWaiting < SMOOTH_PACKETS_PER_ACK ? rtt / 4 : 0
  }

  #losslessDelay(): number {
    return this.#bytesWaiting >= BYTES_PER_ACK ? 0 : Number.POSITIVE_INFINITY
  }
}

/** Packets per ACK on a lossy link … */
const PACKETS_PER_ACK = 2
/** … and after so many packets in order … */
const SMOOTH_PACKETS = 64
const SMOOTH_PACKETS_PER_ACK = 10
/** Bytes per ACK on a lossless link. */
const BYTES_PER_ACK = 512 * 1_024
