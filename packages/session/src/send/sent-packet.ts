import type { Link, SentFrame } from '@stt/frame'

/** What is remembered of a packet from the moment it was sealed until it was acknowledged or forgotten. */
export interface SentPacket {
  readonly packetNumber: number
  /** Milliseconds of the session's clock. */
  readonly sentAt: number
  /** Bytes on the wire, header and tag included. */
  readonly size: number
  /** Whether the peer acknowledges it without waiting for another. */
  readonly ackEliciting: boolean
  /** Key generation that sealed it. */
  readonly epoch: number
  /** The link that carried it: loss and round-trip time are judged among packets of one link. */
  readonly link: Link
  /** Its frames whose fate somebody waits for. */
  readonly frames: readonly SentFrame[]
  /** The highest packet number that its ACK frame acknowledged; -1 without one. */
  readonly largestAcknowledged: number
  /** Set when it was declared lost. It is kept a while longer, so that a late ACK shows the loss to be spurious. */
  lost: boolean
}
