export { type AccessContext, AccessKeys, proveAccess } from './access.ts'
export {
  CircuitRequest,
  type CircuitRequestEvent,
  type CircuitRequestOptions,
  type CircuitWish,
} from './client/circuit-request.ts'
export { Redial } from './client/redial.ts'
export { isAllowedRedirect } from './client/redirect.ts'
export { RelayListener, type RelayListenerEvent, type RelayListenerOptions } from './client/relay-listener.ts'
export { decodeMessage } from './messages/decode.ts'
export {
  encodeAccept,
  encodeDial,
  encodeGoingAway,
  encodeGreeting,
  encodeIncoming,
  encodeListen,
  encodeNo,
  encodePing,
  encodePong,
  encodeSpliced,
  type Prove,
} from './messages/encode.ts'
export {
  type Accept,
  type AccessProof,
  type Dial,
  type GoingAway,
  type Greeting,
  type Heartbeat,
  type Incoming,
  type Listen,
  type MailboxClaim,
  type No,
  type NoReason,
  RELAY_SUBPROTOCOL,
  type RelayMessage,
  type Spliced,
} from './messages/message.ts'
export {
  accessKeyId,
  homeOf,
  hoursAt,
  mailboxName,
  orderRelays,
  recordKey,
  relayAuthority,
  slotName,
  topicName,
} from './names.ts'
export { decodeBind, decodeBound, encodeBind, encodeBound, type Mapping, MappingJudge } from './observed-address.ts'
export { decodeRegistryMessage } from './registry/decode.ts'
export { encodeGet, encodePut, encodeRecords, encodeStored } from './registry/encode.ts'
export {
  type Get,
  type Put,
  REGISTRY_SUBPROTOCOL,
  type Records,
  type RegistryEntry,
  type RegistryMessage,
  type Stored,
} from './registry/message.ts'
export { type DirectoryEvent, PeerDirectory, type SeenPeer } from './registry/peer-directory.ts'
export { openRecord, type PeerRecord, type RecordPlace, sealRecord } from './registry/record.ts'
export {
  type RecordToPut,
  RegistryClient,
  type RegistryClientEvent,
  type RegistryClientOptions,
} from './registry/registry-client.ts'
export { RegistryEngine, type RegistryEvent, type SharedRecord } from './registry/registry-engine.ts'
export type { RegistryRefusal, RegistryStatistics } from './registry/registry-statistics.ts'
export { type RecordForSlot, type RecordLimits, Topics } from './registry/topics.ts'
export type { Circuit } from './server/circuit.ts'
export type { OwnedName } from './server/mailboxes.ts'
export {
  type InstanceEvent,
  type LegOrigin,
  RelayEngine,
  type RelayEngineOptions,
  type RelayEvent,
} from './server/relay-engine.ts'
export { type RelayLimits, resolveRelayLimits } from './server/relay-limits.ts'
export type { Refusal, RelayStatistics } from './server/relay-statistics.ts'
