import type { PathStatistics } from '@stt/frame'
import type { SessionState } from './life/session-state.ts'

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
  /** Without those that nobody waits for: ACK, CLOSE, PATH_*, PADDING. */
  readonly framesSent: number
  readonly framesReceived: number
  /** Frames that were sent again: lost, probed, or left behind on a link. */
  readonly framesResent: number
  readonly packetsDropped: Readonly<Record<DropReason, number>>
  readonly packetsOutstanding: number
  readonly packetsLost: number
  /** Smoothed; 0 where none is known yet. */
  readonly rtt: number
  readonly datagramsQueued: number
  readonly datagramsExpired: number
  /** Datagrams of the peer that were dropped, as 256 of them, or 512 KiB, waited to be polled. */
  readonly datagramsDropped: number
  /** Set on a lossy link. */
  readonly path: PathStatistics | undefined
}

/** What a session counts as it goes. */
export class SessionCounters {
  readonly dropped: Record<DropReason, number> = { malformed: 0, duplicate: 0, epoch: 0, tag: 0, closed: 0 }
  #packetsSent = 0
  #packetsReceived = 0
  #bytesSent = 0
  #bytesReceived = 0

  onSent(bytes: number): void {
    this.#packetsSent++
    this.#bytesSent += bytes
  }

  onReceived(bytes: number): void {
    this.#packetsReceived++
    this.#bytesReceived += bytes
  }

  snapshot(): Counted {
    return {
      packetsSent: this.#packetsSent,
      packetsReceived: this.#packetsReceived,
      bytesSent: this.#bytesSent,
      bytesReceived: this.#bytesReceived,
      packetsDropped: Object.freeze({ ...this.dropped }),
    }
  }
}

type Counted = Pick<
  SessionStatistics,
  'packetsSent' | 'packetsReceived' | 'bytesSent' | 'bytesReceived' | 'packetsDropped'
>
