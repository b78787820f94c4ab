import type { ManagerDropReason } from './manager-drop-reason.ts'

/** A manager's counters since it was made, and its runs under way. */
export interface HandshakeStatistics {
  /** Dials under way. */
  readonly dialing: number
  /** Runs of the listening side, from HELLO until the session's first packet. */
  readonly pending: number
  /** HELLOs on message links that wait for their turn. */
  readonly waiting: number
  /** Sessions that this side dialed. */
  readonly dialed: number
  /** Peers that the listening side accepted. */
  readonly accepted: number
  /** Dials that failed. */
  readonly failed: number
  /** Proved peers that were refused. */
  readonly refused: number
  /** Proved peers that were told to come back: for want of room, or of a decision in time. */
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
