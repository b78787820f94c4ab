import type { ManagerDropReason } from './manager-drop-reason.ts'

/** What a manager has done and has under way. */
export interface HandshakeStatistics {
  /** Dials under way. */
  readonly dialing: number
  /** Runs of the listening side, from HELLO until the session's first packet. */
  readonly pending: number
  /** HELLOs on message links that wait for their turn. */
  readonly waiting: number
  /** Sessions that dials, that the listening side began. */
  readonly dialed: number
  readonly accepted: number
  /** Dials that came to nothing. */
  readonly failed: number
  /** Peers that proved themselves and were told no: by decision, for want of room or of a decision. */
  readonly refused: number
  readonly busy: number
  /** HELLOs that were answered with RETRY. */
  readonly retries: number
  /** Messages that were ignored, by reason. */
  readonly dropped: Readonly<Record<ManagerDropReason, number>>
}

/** The counters behind `HandshakeStatistics`. */
export type HandshakeCounters = Record<'dialed' | 'accepted' | 'failed' | 'refused' | 'busy' | 'retries', number> & {
  readonly dropped: Record<ManagerDropReason, number>
}

export function createCounters(): HandshakeCounters {
  const dropped = {
    malformed: 0,
    version: 0,
    badMac: 0,
    unexpected: 0,
    wrongConnection: 0,
    badNoise: 0,
    badPayload: 0,
    ownKey: 0,
    wrongPeer: 0,
    notPaired: 0,
    badSuite: 0,
    badConfirm: 0,
    expired: 0,
    replayed: 0,
    rateLimited: 0,
    tableFull: 0,
    unknownRun: 0,
    badRetry: 0,
    wrongAddress: 0,
    tooManyPackets: 0,
  }
  return { dialed: 0, accepted: 0, failed: 0, refused: 0, busy: 0, retries: 0, dropped }
}
