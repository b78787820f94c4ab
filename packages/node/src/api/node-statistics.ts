import type { HandshakeStatistics } from '@stt/handshake'
import type { SessionLimit } from '../peers/session-places.ts'

/** A snapshot of a node. Handshake messages that were ignored are counted by reason, `badMac` among them. */
export interface NodeStatistics extends Omit<HandshakeStatistics, 'dropped'>, Readonly<HandshakeStatistics['dropped']> {
  readonly sessions: number
  readonly sessionsOpened: number
  /** Bytes that all sessions hold: unacknowledged, unread, and what they remember of packets. `limits.memory` bounds it. */
  readonly memoryHeld: number
  /** How often each limit kept a session out, that a peer or this node asked for. */
  readonly limited: Readonly<Record<SessionLimit, number>>
  /** What was thrown inside this node and ended what it was about: defects, each of which the operator was warned of. */
  readonly faults: number
  /** Sessions that have ended with streams or datagrams in them, and wait for `sessions()` or `onSession` to take them. */
  readonly sessionsUntaken: number
  /** Packets that belong to no session, and datagrams that are nothing of ours. */
  readonly strayPackets: number
  /** Those that were answered with a stateless reset: a peer goes on with a session that this node has forgotten. */
  readonly statelessResets: number
  /**
   * The provider that computes now, as a label: `{ 'node+wasm': 1 }` or `{ 'portable+wasm': 1 }` with WebAssembly, `{ node: 1 }` or
   * `{ portable: 1 }` before it is loaded and where it cannot be had.
   */
  readonly cryptography: Readonly<Record<string, 1>>
}
