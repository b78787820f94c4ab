import type { HandshakeCounters } from './node-context.ts'

/** A snapshot of a node. Handshake messages that were ignored are counted by reason, `badMac` among them. */
export interface NodeStatistics extends Readonly<HandshakeCounters> {
  readonly sessions: number
  readonly sessionsOpened: number
}
