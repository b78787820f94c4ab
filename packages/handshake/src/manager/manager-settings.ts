import type { HandshakeConfig } from '../config.ts'
import type { Origin } from '../origin.ts'
import type { VerifiedPeer } from '../result.ts'
import type { LoadLimits } from './load-limits.ts'
import type { Decision, HandshakeRun } from './outputs.ts'

/** A manager's configuration, checked and complete. */
export interface ManagerSettings<O extends Origin> {
  readonly common: Omit<HandshakeConfig, 'localCid' | 'datagram'>
  readonly authorize: (peer: VerifiedPeer, run: HandshakeRun<O>) => Decision | undefined
  readonly authorizeTimeout: number
  readonly timeout: number
  readonly load: LoadLimits
}
