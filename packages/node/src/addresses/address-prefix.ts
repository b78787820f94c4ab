import { ipPrefix, isLoopback } from '@stt/frame'

/**
 * The key under which limits count an address. One person may hold many addresses at once, so a whole prefix (IPv4 /24, IPv6
 * /56) shares a key, and so do all peers that come through one relay, which hides their addresses.
 */
export function addressPrefix(address: string): string {
  // spec: STT-RLY-30
  if (address.startsWith('relay:')) return address.split('#')[0]!
  const host = hostOf(address)
  return ipPrefix(host) ?? (host || UNKNOWN)
}

/**
 * As `addressPrefix`, for the budget of handshakes: empty for an address of this machine, since a proxy
 * there may stand for many peers.
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
/** Addresses that name no host share one budget. */
const UNKNOWN = '?'
