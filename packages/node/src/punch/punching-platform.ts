import type { CreatePunching } from '@stt/session'
import type { Puncher, PuncherConfig } from './puncher.ts'

/** The platform's part of hole punching. */
export interface PunchingPlatform {
  /** For each session that has agreed to it. */
  readonly createPunching: CreatePunching
  /** For the node. */
  readonly createPuncher: (config: Omit<PuncherConfig, 'openSocket' | 'ownAddresses'>) => Puncher
}
