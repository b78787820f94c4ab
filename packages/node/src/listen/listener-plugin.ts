import type { HelloPlugin } from '@stt/handshake'
import { answerHellos } from '@stt/handshake/listen'
import { followPeer } from '@stt/session/listen'
import type { NodeLimits } from '../options/node-limits.ts'
import { createIncomingCheck, type IncomingCheck, type IncomingCheckConfig } from '../peers/incoming-check.ts'
import { SessionPlaces } from '../peers/session-places.ts'
import { sessionHandlerFailed } from '../session/handler-failed.ts'
import { StrayPackets, type StrayPacketsConfig } from './stray-packets.ts'

/** The code that a node needs to be dialed. Only a platform that can listen loads it. */
export interface ListenerPlugin {
  readonly answerHellos: HelloPlugin
  /** The `follow` of sessions that peers opened. */
  readonly followPeer: object
  readonly createIncomingCheck: (config: IncomingCheckConfig) => IncomingCheck
  readonly createStrayPackets: (config: StrayPacketsConfig) => StrayPackets
  readonly createSessionPlaces: (limits: NodeLimits) => SessionPlaces
  /** Handles an `onSession` handler that failed: ends its session and warns. */
  readonly sessionHandlerFailed: typeof sessionHandlerFailed
}

export const listenerPlugin: ListenerPlugin = {
  answerHellos,
  followPeer,
  createIncomingCheck,
  createStrayPackets: config => new StrayPackets(config),
  createSessionPlaces: limits => new SessionPlaces(limits),
  sessionHandlerFailed,
}
