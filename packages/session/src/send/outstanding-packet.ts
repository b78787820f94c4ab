import type { Link, SentFrame, SentPacket } from '@stt/frame'

/** A packet that was sent, with what its acknowledgement or loss settles. */
export interface OutstandingPacket extends SentPacket {
  /** Key generation that sealed it. */
  readonly epoch: number
  /** The link that carried it: loss and round-trip time are judged among packets of one link. */
  readonly link: Link
  /** Its frames whose fate somebody waits for. */
  readonly frames: readonly SentFrame[]
  /** The highest packet number that its ACK frame acknowledged; -1 without one. */
  readonly largestAcknowledged: number
}
