import type { PathStatistics } from '@stt/frame'
import type { SessionState } from './life/session-state.ts'

/** Why a packet was dropped. */
export type DropReason = 'malformed' | 'duplicate' | 'epoch' | 'tag' | 'closed'

/** A snapshot. Sizes in bytes on the wire, times in milliseconds. */
export interface SessionStatistics {
  /** How far the session has come. */
  readonly state: SessionState
  /** Key generation of the packets sent now. */
  readonly sendEpoch: number
  /** Newest key generation that the peer has used. */
  readonly receiveEpoch: number
  /** Packets handed to links. */
  readonly packetsSent: number
  /** Packets that verified. */
  readonly packetsReceived: number
  /** Bytes of packets handed to links. */
  readonly bytesSent: number
  /** Bytes of packets that verified. */
  readonly bytesReceived: number
  /** Without ACK, CLOSE, PATH_* and PADDING, whose delivery is not tracked. */
  readonly framesSent: number
  /** Frames in packets that verified. */
  readonly framesReceived: number
  /** Frames that were sent again: lost, probed, or left behind on a link. */
  readonly framesResent: number
  /** Packets that were not taken, by reason. */
  readonly packetsDropped: Readonly<Record<DropReason, number>>
  /** Packets sent that are neither acknowledged nor declared lost. */
  readonly packetsOutstanding: number
  /** Packets declared lost. */
  readonly packetsLost: number
  /** Smoothed round-trip time of the active path; 0 before the first measurement. */
  readonly rtt: number
  /** Datagrams that wait to be sent. */
  readonly datagramsQueued: number
  /** Datagrams that were dropped before they were sent. */
  readonly datagramsExpired: number
  /** The peer's datagrams that were dropped because 256 of them, or 512 KiB, waited to be polled. */
  readonly datagramsDropped: number
  /** Loss recovery of the active path; undefined unless its link is lossy. */
  readonly path: PathStatistics | undefined
}

/** Counters of packets and bytes. */
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
