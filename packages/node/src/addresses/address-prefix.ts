import { ipPrefix, isLoopback } from '@stt/frame'

/**
 * What limits by address count by: the same for all addresses that one person may hold at once (IPv4 /24, IPv6 /56), and for
 * all who come by one relay, which says of nobody who he is.
 */
export function addressPrefix(address: string): string {
  // spec: STT-RLY-30
  if (address.startsWith('relay:')) return address.split('#')[0]!
  const host = hostOf(address)
  return ipPrefix(host) ?? (host || UNKNOWN)
}

/**
 * The same for the handshakes' budget: empty for an address of this machine itself, since whoever is there may as well be
 * many, behind a proxy.
 */
export function budgetPrefix(address: string): string {
  const host = hostOf(address)
  return host === 'localhost' || isLoopback(host) ? '' : addressPrefix(address)
}

/** The host of an address, without brackets; empty where there is none. */
export function hostOf(address: string): string {
  const [, bracketed, plain = ''] = HOST.exec(address) ?? []
  return bracketed ?? plain
}

const HOST = /^\w+:\/\/(?:\[([^\]]*)\]|([^:/?#]*))/
/** For all addresses that name nobody: they have one budget together. */
const UNKNOWN = '?'
