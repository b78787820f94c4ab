import type { PunchingPlugin } from '@stt/session'
import type { Puncher, PuncherConfig } from './puncher.ts'

/** The platform's part of hole punching. */
export interface PunchingPlatform {
  /** For each session that has agreed to it. */
  readonly plugin: PunchingPlugin
  /** For the node. */
  readonly createPuncher: (config: Omit<PuncherConfig, 'openSocket' | 'ownAddresses'>) => Puncher
}
