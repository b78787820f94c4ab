import { answerHellos, type Listen } from '@stt/handshake'
import { type AdmissionConfig, createJudge, type Judge } from './admission.ts'
import { StrayPackets, type StrayPacketsConfig } from './stray-packets.ts'

/** What being dialed takes beyond dialing. A platform that can listen brings it; elsewhere nobody loads it. */
export interface Listening {
  readonly answerHellos: Listen
  readonly createJudge: (config: AdmissionConfig) => Judge
  readonly createStrayPackets: (config: StrayPacketsConfig) => StrayPackets
}

export const listening: Listening = {
  answerHellos,
  createJudge,
  createStrayPackets: config => new StrayPackets(config),
}
