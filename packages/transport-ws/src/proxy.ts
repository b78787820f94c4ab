import type { IncomingMessage } from 'node:http'
import { BlockList, isIPv6 } from 'node:net'

/**
 * Whether a request came through a proxy: it has a header that proxies add, and comes from an address of this machine or its
 * network. From other addresses the headers prove nothing: any client could add them to escape its budget.
 */
export function isBehindProxy({ headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>): boolean {
  const { remoteAddress = '' } = socket
  if (!MARKS.some(name => headers[name] !== undefined)) return false
  return LOCAL.check(remoteAddress, isIPv6(remoteAddress) ? 'ipv6' : 'ipv4')
}

const MARKS = ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'] as const

/** Loopback, private, shared (RFC 6598) and link-local addresses, of both versions. */
const LOCAL = new BlockList()
for (const [network, bits] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
] as const) {
  LOCAL.addSubnet(network, bits, 'ipv4')
}
LOCAL.addAddress('::1', 'ipv6')
LOCAL.addSubnet('fc00::', 7, 'ipv6')
LOCAL.addSubnet('fe80::', 10, 'ipv6')
