import type { SentFrame, SentPacket } from '@stt/frame'
import type { Path } from '../path/path.ts'

/** The record of a packet that was sent: what its acknowledgement or loss settles. */
export interface OutstandingPacket extends SentPacket {
  /** Key generation that sealed it. */
  readonly epoch: number
  /** The path that carried it: loss and round-trip time are judged among packets of one path. */
  readonly path: Path
  /** Its frames whose delivery is tracked. */
  readonly frames: readonly SentFrame[]
  /** The highest packet number that its ACK frame acknowledged; -1 without one. */
  readonly largestAcknowledged: number
}
