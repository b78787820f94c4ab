import { BlockList, isIPv6 } from 'node:net'
import type { SessionPath } from '@stt/node'

export type PathKind = 'lan' | 'direct' | 'relayed'

/** The kind of a path, in one word. */
export function pathKind({ relayed, tier, remote }: Pick<SessionPath, 'relayed' | 'tier' | 'remote'>): PathKind {
  if (relayed) return 'relayed'
  return tier === 0 || isPrivate(hostOf(remote)) ? 'lan' : 'direct'
}

/** The kind of a path in words: `over the LAN`. */
export const describeKind = (kind: PathKind): string => TEXTS[kind]

function hostOf(remote: string): string {
  const host = URL.canParse(remote) ? new URL(remote).hostname : remote.replace(/:\d+$/, '')
  return host.replace(/^\[|\]$/g, '').replace(/%.*$/, '')
}

/** Whether an IP address belongs to the local network. */
export const isPrivate = (host: string): boolean => PRIVATE.check(host, isIPv6(host) ? 'ipv6' : 'ipv4')

const TEXTS = { lan: 'over the LAN', direct: 'direct', relayed: 'relayed' } as const
const PRIVATE = new BlockList()
for (const [net, prefix] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['127.0.0.0', 8],
] as const)
  PRIVATE.addSubnet(net, prefix, 'ipv4')
for (const [net, prefix] of [
  ['fc00::', 7],
  ['fe80::', 10],
  ['::1', 128],
] as const)
  PRIVATE.addSubnet(net, prefix, 'ipv6')
