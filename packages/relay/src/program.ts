/** The relay's program, for another program to be it. */
export { type RelayCommand, type RelayWords, relayCommand } from './command.ts'
export { type RunRelayOptions, runRelay } from './run-relay.ts'
