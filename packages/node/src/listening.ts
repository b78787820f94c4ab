import { answerHellos, type Listen } from '@stt/handshake'
import { addressPrefix } from './address-prefix.ts'
import { type AdmissionConfig, createJudge, type Judge } from './admission.ts'
import type { NodeLimits } from './node-limits.ts'
import { SessionPlaces } from './session-places.ts'
import { StrayPackets, type StrayPacketsConfig } from './stray-packets.ts'

/** What being dialed takes beyond dialing. A platform that can listen brings it; elsewhere nobody loads it. */
export interface Listening {
  readonly answerHellos: Listen
  readonly createJudge: (config: AdmissionConfig) => Judge
  readonly createStrayPackets: (config: StrayPacketsConfig) => StrayPackets
  readonly createSessionPlaces: (limits: NodeLimits) => SessionPlaces
  /** What is the same for all addresses that one person may hold at once. */
  readonly addressPrefix: (address: string) => string
}

export const listening: Listening = {
  answerHellos,
  createJudge,
  createStrayPackets: config => new StrayPackets(config),
  createSessionPlaces: limits => new SessionPlaces(limits),
  addressPrefix,
}
