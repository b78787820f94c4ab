/** The relay's program, for use by another program. */
export { type RelayCommand, type RelayWords, relayCommand } from './command.ts'
export { type RunRelayOptions, runRelay } from './run-relay.ts'
