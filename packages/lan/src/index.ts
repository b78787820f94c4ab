export type { Hearing, LanPorts, LanStatistics } from './lan-agent.ts'
export type { LanPeer, LanState } from './lan-place.ts'
export { type Lan, type LanOptions, startLan } from './start-lan.ts'
