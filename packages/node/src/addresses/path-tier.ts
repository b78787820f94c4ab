import { isLoopback, parseIpAddress } from '@stt/frame'
import type { Address } from './address.ts'
import { isLinkLocal, isTunnelName, isWithin, type OwnAddress } from './own-addresses.ts'

/**
 * How good a way to the peer is, the lowest the best:
 *
 * - 0 UDP within the local network, or this machine
 * - 1 other UDP
 * - 2 WebSocket
 * - 3 by a relay
 */
export type Tier = 0 | 1 | 2 | 3

/**
 * The tier of the way that a dial to this address opened.
 *
 * @param host an IP address, as the dial resolved it
 * @param own asked for the addresses of this machine, as they are now, where these decide
 */
export function tierOf({ scheme, host }: Pick<Address, 'scheme' | 'host'>, own: () => readonly OwnAddress[]): Tier {
  if (scheme === 'relay') return 3
  if (scheme !== 'udp') return 2
  return isNear(host, own) ? 0 : 1
}

function isNear(host: string, own: () => readonly OwnAddress[]): boolean {
  const ip = parseIpAddress(host)
  if (!ip) return false
  if (isLoopback(host)) return true
  if (isLinkLocal(ip)) return !isTunnelName(host.split('%')[1] ?? '')
  // As packets are routed: the narrowest network that the address is in says where they go.
  const [nearest] = own()
    .filter(each => isWithin(ip, each))
    .sort((a, b) => b.prefixLength - a.prefixLength || Number(b.isTunnel) - Number(a.isTunnel))
  return nearest !== undefined && !nearest.isTunnel
}
