import type { Link } from '@stt/frame'
import type { Path } from './path.ts'
import type { PathPacket, PathProbes } from './path-probes.ts'
import type { Paths } from './paths.ts'

/** The facts that a verified packet shows about its link. */
export interface Arrival {
  readonly link: Link
  /** Bytes of the packet. */
  readonly size: number
  /**
   * Whether it holds other frames than PADDING, JOIN and PATH_*, under the highest number of such packets so far: the peer
   * sends from there now.
   */
  readonly isNewest: boolean
  /** Whether it is only about its path. */
  readonly isProbing: boolean
  /** Whether its sender waits for an acknowledgement. */
  readonly isEliciting: boolean
  /** Whether it holds a PATH_CHALLENGE. */
  readonly asks: boolean
  /** Serial of its JOIN; 0 without one. */
  readonly joinSerial: number
}

/** Decides when a session moves and which links it challenges: the initiator chooses, the responder follows. */
export interface PathPolicy {
  /** A packet from the peer verified. @returns whether the session has its link now */
  onPacket(arrival: Arrival, now: number): boolean
  /** The challenge over `path` was answered. */
  onAnswered(path: Path, now: number): void
  /** Does what is due by `now`: the session may suspect a path, or move. */
  onTime(now: number): void
  /** This program stood still until `now`: silence until then means nothing. */
  onStall(now: number): void
  /** The next challenge that is due. */
  next(now: number): PathPacket | undefined
  /** When `onTime` or `next` may have something to do without a packet or a call. */
  deadline(now: number): number
  /** Whether the active path is in doubt, or there is none. */
  readonly needsPath: boolean
}

/** What `followPeer` is inside this package, whose parts are no matter of its users. */
export interface Follower {
  readonly createPolicy: (paths: Paths, probes: PathProbes, tierOf?: (link: Link) => number) => PathPolicy
}
