import type { Link } from '@stt/frame'
import type { Path } from './path.ts'
import type { PathPacket } from './path-probes.ts'

/** What a verified packet says of the link that it came over. */
export interface Arrival {
  readonly link: Link
  /** Bytes of the packet. */
  readonly size: number
  /**
   * Whether it holds more than PADDING, JOIN and PATH_*, and its number is the highest of such so far: the peer sends from there
   * now.
   */
  readonly isNewest: boolean
  /** Whether it is about its path alone. */
  readonly isProbing: boolean
  /** Whether its sender waits for an acknowledgement. */
  readonly isEliciting: boolean
  /** Whether its sender asks if this side is there. */
  readonly asks: boolean
  /** Number of its JOIN; 0 where it had none. */
  readonly joinSerial: number
}

/** When a session moves, and what it asks over which link: the initiator decides, the responder follows. */
export interface PathPolicy {
  /** A packet of the peer's verified. @returns whether its link is one of the session's now, or an address that may be */
  onPacket(arrival: Arrival, now: number): boolean
  /** What was asked over `path` has come back. */
  onAnswered(path: Path, now: number): void
  /** Lets time pass: the session may move, or find that it must. */
  onTime(now: number): void
  /** This program stood still until `now`: what did not come says nothing. */
  onStall(now: number): void
  /** The next challenge that is due. */
  next(now: number): PathPacket | undefined
  /** When `onTime` or `next` may have something by the passing of time alone. */
  deadline(now: number): number
  /** Whether the path in use is in doubt, or there is none. */
  readonly needsPath: boolean
}
