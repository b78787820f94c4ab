import { type PathInfo as EnginePath, Tier } from '@stt/session'
import type { SessionPath } from '../api/session.ts'

/** The public view of a path. */
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
