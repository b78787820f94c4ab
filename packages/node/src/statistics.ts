import type { HandshakeStatistics } from '@stt/handshake'

/** A snapshot of a node. Handshake messages that were ignored are counted by reason, `badMac` among them. */
export interface NodeStatistics extends Omit<HandshakeStatistics, 'dropped'>, Readonly<HandshakeStatistics['dropped']> {
  readonly sessions: number
  readonly sessionsOpened: number
  /** Sessions that have ended with streams or datagrams in them, and wait for `sessions()` or `onSession` to take them. */
  readonly sessionsUntaken: number
  /** Packets that belong to no session, and datagrams that are nothing of ours. */
  readonly strayPackets: number
  /** Those that were answered with a stateless reset: a peer goes on with a session that this node has forgotten. */
  readonly statelessResets: number
}
