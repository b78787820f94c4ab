export { type CloseRelayOptions, listenRelay, type Relay, type RenewRelayOptions } from './listen-relay.ts'
export type { ListenRelayOptions } from './relay-options.ts'
export type { RelayServerStatistics } from './relay-server.ts'
