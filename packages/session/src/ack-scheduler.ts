import type { Link } from '@stt/frame'
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
  // spec: STT-PKT-15
  onPacket(packetNumber: number, size: number, ackEliciting: boolean, urgent: boolean, link: Link, now: number): void {
    const gap = packetNumber !== this.#received.largest + 1
    this.#received.add(packetNumber)
    if (this.#received.largest === packetNumber) this.#largestReceivedAt = now
    if (!ackEliciting) return
    this.#packetsWaiting++
    this.#bytesWaiting += size
    const policy = link.kind === 'datagram' ? DATAGRAM_POLICY : MESSAGE_POLICY
    const enough = this.#packetsWaiting >= policy.packets || this.#bytesWaiting >= policy.bytes
    // A gap on a datagram link is how the sender learns of a loss: it is told at once.
    const atOnce = urgent || enough || (gap && link.kind === 'datagram')
    this.#deadline = Math.min(this.#deadline, atOnce ? now : now + policy.delay)
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

interface AckPolicy {
  /** Milliseconds that an ACK may wait for company. */
  readonly delay: number
  readonly packets: number
  readonly bytes: number
}

const DATAGRAM_POLICY: AckPolicy = { delay: 25, packets: 2, bytes: Number.POSITIVE_INFINITY }
const MESSAGE_POLICY: AckPolicy = { delay: 100, packets: Number.POSITIVE_INFINITY, bytes: 512 * 1024 }

/** What a sender allows for the peer's delay, by kind of link, in milliseconds. */
export const maxAckDelay = (link: Link): number =>
  link.kind === 'datagram' ? DATAGRAM_POLICY.delay : MESSAGE_POLICY.delay
