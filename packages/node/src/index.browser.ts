export { fromHex, Identity, Seed, toHex } from '@stt/crypto'
export { isSttError, SttError, type SttErrorCode } from '@stt/errors'
export { MemoryTrustStore, type TrustStore } from '@stt/handshake'
export type { CloseReason, DatagramOutcome, MoveReason, PathState } from '@stt/session'
export type { DrainOptions } from './api/node.ts'
export type { NodeStatistics } from './api/node-statistics.ts'
export type {
  CloseOptions,
  OpenStreamOptions,
  PathChange,
  Peer,
  PingOptions,
  Session,
  SessionPath,
  SessionState,
  SessionStatistics,
} from './api/session.ts'
export type { ReadAllOptions, ReadOptions, Stream, WriteOptions } from './api/stream.ts'
export type { DialOptions } from './dial/dial.ts'
export type { AddressStore, DiscoveryOptions, LanWish } from './discovery/discovery-options.ts'
export type { Lan, LanOptions, LanState } from './discovery/lan-platform.ts'
export type { PeerEvent } from './discovery/peer-events.ts'
export type { DatedSeed } from './keys/seeds.ts'
export { type MetadataTypes, metadataField } from './options/metadata-field.ts'
export type { NodeLimits } from './options/node-limits.ts'
export type { CommonOptions as NodeOptions } from './options/options.ts'
export type { PathCandidate, PathOptions } from './options/path-options.ts'
export type { Authorize, IncomingPeer } from './peers/incoming-check.ts'
export type { NodeId, Peers } from './peers/peers.ts'
export type { RelayState } from './relay/relay-state.ts'
export { STTNode } from './stt-node.browser.ts'
