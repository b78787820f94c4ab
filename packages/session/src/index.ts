export type { PathController, PathStatistics } from './path-controller.ts'
export { RttEstimator } from './rtt.ts'
export type { SentPacket } from './sent-packet.ts'
