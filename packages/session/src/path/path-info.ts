import type { Link } from '@stt/frame'
import type { Path } from './path.ts'

/**
 * - `validating`: the peer has not answered there yet
 * - `standby`: proved, and waiting for its turn
 * - `active`: packets go there
 * - `suspect`: packets go there, but nothing is acknowledged
 * - `draining`: packets went there, and some are still waited for
 */
export type PathState = 'validating' | 'standby' | 'active' | 'suspect' | 'draining'

/** A snapshot of one path. */
export interface PathInfo {
  readonly link: Link
  /** One of `Tier`. */
  readonly tier: number
  readonly state: PathState
  /** Smoothed round-trip time, in milliseconds; 0 where none was measured since the session went there. */
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
