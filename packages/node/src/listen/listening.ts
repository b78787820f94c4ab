import type { HelloPlugin } from '@stt/handshake'
import { answerHellos } from '@stt/handshake/listen'
import type { NodeLimits } from '../options/node-limits.ts'
import { createJudge, type Judge, type JudgeConfig } from '../peers/judge.ts'
import { SessionPlaces } from '../peers/session-places.ts'
import { sessionHandlerFailed } from '../session/handler-failed.ts'
import { StrayPackets, type StrayPacketsConfig } from './stray-packets.ts'

/** What being dialed takes beyond dialing. A platform that can listen brings it; elsewhere nobody loads it. */
export interface Listening {
  readonly answerHellos: HelloPlugin
  readonly createJudge: (config: JudgeConfig) => Judge
  readonly createStrayPackets: (config: StrayPacketsConfig) => StrayPackets
  readonly createSessionPlaces: (limits: NodeLimits) => SessionPlaces
  /** Sees to a handler of the application's that failed with the session of a peer that dialed in. */
  readonly sessionHandlerFailed: typeof sessionHandlerFailed
}

export const listening: Listening = {
  answerHellos,
  createJudge,
  createStrayPackets: config => new StrayPackets(config),
  createSessionPlaces: limits => new SessionPlaces(limits),
  sessionHandlerFailed,
}
