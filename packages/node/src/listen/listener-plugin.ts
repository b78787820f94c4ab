import type { HelloPlugin } from '@stt/handshake'
import { answerHellos } from '@stt/handshake/listen'
import type { NodeLimits } from '../options/node-limits.ts'
import { createIncomingCheck, type IncomingCheck, type IncomingCheckConfig } from '../peers/incoming-check.ts'
import { SessionPlaces } from '../peers/session-places.ts'
import { sessionHandlerFailed } from '../session/handler-failed.ts'
import { StrayPackets, type StrayPacketsConfig } from './stray-packets.ts'

/** What being dialed takes beyond dialing. A platform that can listen brings it; elsewhere nobody loads it. */
export interface ListenerPlugin {
  readonly answerHellos: HelloPlugin
  readonly createIncomingCheck: (config: IncomingCheckConfig) => IncomingCheck
  readonly createStrayPackets: (config: StrayPacketsConfig) => StrayPackets
  readonly createSessionPlaces: (limits: NodeLimits) => SessionPlaces
  /** Sees to a handler of the application's that failed with the session of a peer that dialed in. */
  readonly sessionHandlerFailed: typeof sessionHandlerFailed
}

export const listenerPlugin: ListenerPlugin = {
  answerHellos,
  createIncomingCheck,
  createStrayPackets: config => new StrayPackets(config),
  createSessionPlaces: limits => new SessionPlaces(limits),
  sessionHandlerFailed,
}
