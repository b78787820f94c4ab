export { fromHex, Identity, Seed, toHex } from '@stt/crypto'
export { isSttError, SttError, type SttErrorCode } from '@stt/errors'
export { MemoryTrustStore, type TrustStore } from '@stt/handshake'
export type { CloseReason, DatagramOutcome, MoveReason, PathState } from '@stt/session'
export type { DialOptions } from './dial.ts'
export type { AddressStore, DiscoveryOptions, LanWish } from './discovery/discovery-options.ts'
export { FileAddressStore } from './discovery/file-address-store.ts'
export type { Lan, LanOptions, LanState } from './discovery/lan-platform.ts'
export type { PeerEvent } from './discovery/peer-events.ts'
export type { ToDuplexOptions } from './duplex.ts'
export { FileTrustStore } from './file-trust-store.ts'
export type { Applicant, Authorize } from './judge.ts'
export { type MetadataTypes, metadataField } from './metadata-field.ts'
export type { DrainOptions } from './node-core.ts'
export type { NodeLimits } from './node-limits.ts'
export type { NodeOptions } from './node-options.ts'
export type { NodeSession as Session, NodeStream as Stream } from './node-stream.ts'
export type { PathCandidate, PathOptions } from './path-options.ts'
export type { NodeId, Peers } from './peers.ts'
export type { QlogOption, QlogSession, QlogSink } from './qlog.ts'
export type { RelayState } from './relay/relay-state.ts'
export type { DatedSeed } from './seeds.ts'
export type {
  CloseOptions,
  OpenStreamOptions,
  Peer,
  PingOptions,
  SessionState,
  SessionStatistics,
} from './session.ts'
export type { PathChange, SessionPath } from './session-paths.ts'
export type { NodeStatistics } from './statistics.ts'
export type { ReadAllOptions, ReadOptions, WriteOptions } from './stream.ts'
export { STTNode } from './stt-node.ts'
