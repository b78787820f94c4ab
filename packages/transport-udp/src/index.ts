export { dialUdp } from './dial-udp.ts'
export { listenUdp, type UdpListener } from './listen-udp.ts'
export { formatUdpUrl, parseUdpUrl, type UdpRemote } from './udp-address.ts'
export type { UdpLink } from './udp-link.ts'
export {
  checkUdpOptions,
  type UdpDialOptions,
  type UdpListenOptions,
  type UdpOptions,
  type UdpSocketOptions,
} from './udp-options.ts'
export type { UdpBuffer, UdpSocketStatistics } from './udp-statistics.ts'
