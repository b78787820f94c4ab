import type { HandshakeStatistics } from '@stt/handshake'

/** A snapshot of a node. Handshake messages that were ignored are counted by reason, `badMac` among them. */
export interface NodeStatistics extends Omit<HandshakeStatistics, 'dropped'>, Readonly<HandshakeStatistics['dropped']> {
  /** Sessions that exist now, including those that only absorb late packets. */
  readonly sessions: number
  /** Sessions opened since the node was created, by either side. */
  readonly sessionsOpened: number
  /** Bytes that all sessions hold: unacknowledged, unread, and what they remember of packets. `limits.memory` bounds it. */
  readonly memoryHeld: number
  /** How often each limit kept out a session that a peer or this node asked for. */
  readonly limited: Readonly<Record<'sessions' | 'sessionsPerPeer' | 'sessionsPerPrefix' | 'memory', number>>
  /** Defects inside this node. Each ended what it happened in, and a warning told of it. */
  readonly faults: number
  /** Ended sessions with unread streams or datagrams, which wait for `sessions()` or `onSession` to take them. */
  readonly sessionsUntaken: number
  /** Packets that belong to no session, and datagrams that are not of this protocol. */
  readonly strayPackets: number
  /** Stray packets answered with a stateless reset, because a peer goes on with a session that this node has forgotten. */
  readonly statelessResets: number
  /**
   * The cryptography provider in use, as a label: `{ 'node+wasm': 1 }` or `{ 'portable+wasm': 1 }` with WebAssembly, `{ node: 1 }` or
   * `{ portable: 1 }` before that is loaded and where it is missing.
   */
  readonly cryptography: Readonly<Record<string, 1>>
}
