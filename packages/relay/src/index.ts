export type { OwnedName } from '@stt/rendezvous/server'
export { type CloseRelayOptions, listenRelay, type Relay, type RenewRelayOptions } from './listen-relay.ts'
export type { ListenRelayOptions } from './relay-options.ts'
export type { RelayServerStatistics } from './relay-server.ts'
export { MemoryRelayStore, type MemoryRelayStoreOptions } from './store/memory-relay-store.ts'
export {
  type Presence,
  type RelayStore,
  type Share,
  STORE_SIZES,
  type StoredMember,
  type StoredRecord,
  type StoreWatcher,
} from './store/relay-store.ts'
export type { SharedStoreStatistics } from './store/shared-store.ts'
