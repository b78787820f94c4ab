export { encodeGreeting, encodeIncoming, encodeNo, encodePong, encodeSpliced } from '../messages/encode.ts'
export { decodeBind, encodeBound } from '../observed-address.ts'
export { encodeRecords } from '../registry/encode.ts'
export type { Circuit } from './circuit.ts'
export type { OwnedName } from './mailboxes.ts'
export { RegistryEngine, type RegistryEvent, type SharedRecord } from './registry-engine.ts'
export type { RegistryStatistics } from './registry-statistics.ts'
export {
  type InstanceEvent,
  type LegOrigin,
  RelayEngine,
  type RelayEngineOptions,
  type RelayEvent,
} from './relay-engine.ts'
export { type RelayLimits, resolveRelayLimits } from './relay-limits.ts'
export type { RelayStatistics } from './relay-statistics.ts'
export { type RecordLimits, Topics } from './topics.ts'
