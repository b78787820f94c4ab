import type { SentFrame, SentPacket } from '@stt/frame'
import type { Path } from '../path/path.ts'

/** A packet that was sent, with what its acknowledgement or loss settles. */
export interface OutstandingPacket extends SentPacket {
  /** Key generation that sealed it. */
  readonly epoch: number
  /** The path that carried it: loss and round-trip time are judged among packets of one path. */
  readonly path: Path
  /** Its frames whose fate somebody waits for. */
  readonly frames: readonly SentFrame[]
  /** The highest packet number that its ACK frame acknowledged; -1 without one. */
  readonly largestAcknowledged: number
}
