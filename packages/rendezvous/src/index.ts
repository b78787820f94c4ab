export { type AccessContext, proveAccess } from './access.ts'
export {
  CircuitRequest,
  type CircuitRequestEvent,
  type CircuitRequestOptions,
  type CircuitWish,
} from './client/circuit-request.ts'
export { isAllowedRedirect } from './client/redirect.ts'
export { RelayListener, type RelayListenerEvent, type RelayListenerOptions } from './client/relay-listener.ts'
export { decodeMessage } from './messages/decode.ts'
export { encodeAccept, encodeDial, encodeListen, encodePing, type Prove } from './messages/encode.ts'
export {
  type AccessProof,
  type Greeting,
  type MailboxClaim,
  type No,
  type NoReason,
  RELAY_SUBPROTOCOL,
  type RelayMessage,
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
export { decodeBound, encodeBind, type Mapping, MappingJudge } from './observed-address.ts'
export { decodeRegistryMessage } from './registry/decode.ts'
export { encodeGet, encodePut } from './registry/encode.ts'
export { REGISTRY_SUBPROTOCOL, type RegistryEntry, type RegistryMessage } from './registry/message.ts'
export { type DirectoryEvent, PeerDirectory, type SeenPeer } from './registry/peer-directory.ts'
export { openRecord, type PeerRecord, type RecordPlace, sealRecord } from './registry/record.ts'
export {
  type RecordToPut,
  RegistryClient,
  type RegistryClientEvent,
  type RegistryClientOptions,
} from './registry/registry-client.ts'
