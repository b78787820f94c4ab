export { type RelayStoreRule, type RelayStoreSubject, relayStoreRules } from './store-rules.ts'
