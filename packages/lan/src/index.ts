export type { LanPorts, LanStatistics } from './lan-agent.ts'
export { type Lan, type LanOptions, startLan } from './start-lan.ts'
