import type { PathStatistics } from './path-controller.ts'
import type { SessionState } from './session-state.ts'

/** Why packets were not taken. */
export type DropReason = 'malformed' | 'duplicate' | 'epoch' | 'tag' | 'closed'

/** A snapshot. Sizes in bytes on the wire, times in milliseconds. */
export interface SessionStatistics {
  readonly state: SessionState
  /** Key generation of what is sent, and of the newest that was received. */
  readonly sendEpoch: number
  readonly receiveEpoch: number
  readonly packetsSent: number
  readonly packetsReceived: number
  readonly bytesSent: number
  readonly bytesReceived: number
  readonly framesReceived: number
  readonly packetsDropped: Readonly<Record<DropReason, number>>
  readonly packetsOutstanding: number
  readonly packetsLost: number
  /** Smoothed; 0 where none is known yet. */
  readonly rtt: number
  readonly datagramsQueued: number
  readonly datagramsExpired: number
  /** Set on a datagram link. */
  readonly path: PathStatistics | undefined
}

/** What a session counts as it goes. */
export class SessionCounters {
  packetsSent = 0
  packetsReceived = 0
  bytesSent = 0
  bytesReceived = 0
  readonly dropped: Record<DropReason, number> = { malformed: 0, duplicate: 0, epoch: 0, tag: 0, closed: 0 }
}
