import type { Entropy, Identity, SeedKeys } from '@stt/crypto'
import type { Link, TransportLimits } from '@stt/frame'
import type { DropReason, HandshakeResult } from '@stt/handshake'
import type { Value } from '@stt/serialize'
import type { PathController } from '@stt/session'
import type { Clock } from './clock.ts'
import type { NodeLimits } from './options.ts'
import type { Session } from './session.ts'

/** What every handshake and session of a node is made from. */
export interface NodeContext {
  readonly clock: Clock
  readonly entropy: Entropy
  readonly identity: Identity
  /** Keys of every seed, the one to dial with first. */
  readonly keys: readonly [SeedKeys, ...SeedKeys[]]
  readonly limits: NodeLimits
  readonly transportLimits: TransportLimits
  readonly metadata: Value | undefined
  readonly keepAlive: number | false
  readonly counters: HandshakeCounters
  /** A connection id, 8 random bytes, that no live session or handshake of the node has. */
  readonly newConnectionId: () => Uint8Array
  /** The handshake that asked for it came to nothing. */
  readonly releaseConnectionId: (id: Uint8Array) => void
  /** Whether there is room for one more session. */
  readonly admits: () => boolean
  /** Makes the session of a finished handshake and sets it going. */
  readonly open: (result: HandshakeResult, link: Link, controller?: PathController) => Session
  /** Tells the application of a session that a peer opened. */
  readonly announce: (session: Session) => void
}

/** Handshake messages that were ignored, by reason, and handshakes by how they ended. */
export type HandshakeCounters = Record<DropReason, number> & {
  accepted: number
  refused: number
  /** Handshakes under way on the listening side. */
  pending: number
}

export const createHandshakeCounters = (): HandshakeCounters => ({
  accepted: 0,
  refused: 0,
  pending: 0,
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
})
