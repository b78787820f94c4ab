export type { HandshakeConfig, InitiatorConfig, ResponderConfig } from './config.ts'
export type { DropReason } from './drop-reason.ts'
export { isHandshake } from './header.ts'
export { Initiator } from './initiator.ts'
export type { HelloPlugin } from './manager/hello-plugin.ts'
export type { HelloLimit, LoadLimits } from './manager/load-limits.ts'
export { type DialOptions, HandshakeManager } from './manager/manager.ts'
export type { HandshakeManagerConfig } from './manager/manager-config.ts'
export type { ManagerDropReason } from './manager/manager-drop-reason.ts'
export type {
  Decision,
  HandshakeEvent,
  HandshakeOutput,
  HandshakeRun,
} from './manager/outputs.ts'
export type { DatedSeedKeys } from './manager/seed-ring.ts'
export type { HandshakeStatistics } from './manager/statistics.ts'
export type { RateLimit } from './manager/token-buckets.ts'
export { openPolicy, type PeerPolicy, type Peers } from './open-policy.ts'
export type { Origin } from './origin.ts'
export { FinalStatus } from './payloads.ts'
export type { HandshakeResult, VerifiedPeer } from './result.ts'
export type { SessionSecrets } from './session-secrets.ts'
export type { Suite } from './suite.ts'
export { MemoryTrustStore, type TrustStore } from './trust-store.ts'
