import type { Link } from '@stt/frame'
import type { Path } from './path.ts'

/**
 * The state of a path.
 *
 * - `validating`: the peer has not answered there yet
 * - `standby`: validated, and not in use
 * - `active`: packets are sent there
 * - `suspect`: packets are sent there, and it is in doubt whether they arrive
 * - `draining`: the session has left it, and packets are still outstanding
 */
export type PathState = 'validating' | 'standby' | 'active' | 'suspect' | 'draining'

/** A snapshot of one path. */
export interface PathInfo {
  /** The link that the path goes over. */
  readonly link: Link
  /** One of `Tier`. */
  readonly tier: number
  /** How the session uses it. */
  readonly state: PathState
  /** Smoothed round-trip time in milliseconds; 0 if none was measured since the session moved there. */
  readonly rtt: number
}

export function pathInfo(path: Path, isActive: boolean, isSuspect: boolean): PathInfo {
  return { link: path.link, tier: path.tier, state: stateOf(path, isActive, isSuspect), rtt: path.rtt.smoothed }
}

function stateOf({ validated, leftAt }: Path, isActive: boolean, isSuspect: boolean): PathState {
  if (isActive) return isSuspect ? 'suspect' : 'active'
  if (leftAt !== undefined) return 'draining'
  return validated ? 'standby' : 'validating'
}
