import { type PathInfo as EnginePath, type MoveReason, type PathState, Tier } from '@stt/session'

/** One way to the peer, as it is now. */
export interface SessionPath {
  readonly kind: 'udp' | 'websocket'
  /** 0: the local network, 1: UDP, 2: WebSocket, 3: by a relay. The session goes over the lowest that works. */
  readonly tier: number
  readonly relayed: boolean
  /** Where it leads: `udp://…`, `ws://…`, `relay:wss://…`. */
  readonly remote: string
  /** Smoothed round-trip time, in milliseconds; 0 where none was measured. */
  readonly rtt: number
  readonly state: PathState
}

/** The session goes over another path than before. */
export interface PathChange {
  /** Undefined when that path is gone. */
  readonly from: SessionPath | undefined
  readonly to: SessionPath
  /** Why: the path before ended, or carried nothing any more; a better one was found; the peer went there. */
  readonly reason: MoveReason
}

export function sessionPath({ link, tier, rtt, state }: EnginePath): SessionPath {
  return Object.freeze({
    kind: link.lossy ? 'udp' : 'websocket',
    tier,
    relayed: tier === Tier.Relayed,
    remote: link.remote,
    rtt,
    state,
  })
}
