export { fromHex, Identity, Seed, toHex } from '@stt/crypto'
export { isSttError, SttError, type SttErrorCode } from '@stt/errors'
export { MemoryTrustStore, type TrustStore } from '@stt/handshake'
export type { CloseReason, DatagramOutcome, MoveReason, PathState } from '@stt/session'
export type { DialOptions } from './dial.ts'
export type { AddressStore, DiscoveryOptions, LanWish } from './discovery/discovery-options.ts'
export type { Lan, LanOptions, LanState } from './discovery/lan-platform.ts'
export type { PeerEvent } from './discovery/peer-events.ts'
export type { Applicant, Authorize } from './judge.ts'
export { type MetadataTypes, metadataField } from './metadata-field.ts'
export type { DrainOptions } from './node-core.ts'
export type { NodeLimits } from './node-limits.ts'
export type { CommonOptions as NodeOptions } from './options.ts'
export type { PathCandidate, PathOptions } from './path-options.ts'
export type { NodeId, Peers } from './peers.ts'
export type { RelayState } from './relay/relay-state.ts'
export type { DatedSeed } from './seeds.ts'
export type {
  CloseOptions,
  OpenStreamOptions,
  Peer,
  PingOptions,
  Session,
  SessionState,
  SessionStatistics,
} from './session.ts'
export type { PathChange, SessionPath } from './session-paths.ts'
export type { NodeStatistics } from './statistics.ts'
export type { ReadAllOptions, ReadOptions, Stream, WriteOptions } from './stream.ts'
export { STTNode } from './stt-node.browser.ts'
