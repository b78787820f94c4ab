import { type Candidate, isLoopback, MAX_CANDIDATES, parseIpAddress } from '@stt/frame'
import { isLinkLocal, isWithin, type OwnAddress } from '../addresses/own-addresses.ts'

/** An address that packets may be sent to because a peer named it. */
export interface UsableCandidate extends Candidate {
  /** Whether it is in the network of one of this machine's interfaces. */
  readonly isNear: boolean
}

/**
 * The peer's addresses that are safe to send to, so that a peer cannot aim this node at others: none of this machine or of one link,
 * no multicast, only private networks that this machine is in, and few public ones. The local network comes first.
 */
// spec: STT-PKT-65
export function usableCandidates(given: readonly Candidate[], own: readonly OwnAddress[]): readonly UsableCandidate[] {
  const usable: UsableCandidate[] = []
  const groups = { ipv4: new Set<string>(), ipv6: new Set<string>() }
  for (const candidate of given.slice(0, MAX_CANDIDATES)) {
    const ip = parseIpAddress(candidate.address)
    if (!ip || candidate.port === 0 || isNobody(candidate.address, ip)) continue
    const isNear = own.some(each => isWithin(ip, each))
    if (isNear) {
      usable.push({ ...candidate, isNear })
      continue
    }
    if (isPrivate(ip)) continue
    const isIpv4 = isWithin(ip, MAPPED)
    const group = isIpv4 ? groups.ipv4 : groups.ipv6
    const key = isIpv4 ? candidate.address : prefix64(ip)
    if (!group.has(key) && group.size >= MOST_PUBLIC) continue
    group.add(key)
    usable.push({ ...candidate, isNear })
  }
  return usable.sort((a, b) => Number(b.isNear) - Number(a.isNear))
}

/** Whether an address is of a private network, or of one that a provider shares among its customers. */
export const isPrivateAddress = (address: string): boolean => {
  const ip = parseIpAddress(address)
  return ip !== undefined && isPrivate(ip)
}

function isNobody(address: string, ip: Uint8Array): boolean {
  return isLoopback(address) || isLinkLocal(ip) || NOBODY.some(network => isWithin(ip, network))
}

const isPrivate = (ip: Uint8Array): boolean => PRIVATE.some(network => isWithin(ip, network))
const prefix64 = (ip: Uint8Array): string => String(ip.subarray(0, 8))

const network = (address: string, bits: number) => ({
  ip: parseIpAddress(address)!,
  prefixLength: address.includes(':') ? bits : IPV4_OFFSET + bits,
})

/** Bits before an IPv4 address in its mapped form. */
const IPV4_OFFSET = 96
const MAPPED = network('0.0.0.0', 0)
const PRIVATE = [
  network('10.0.0.0', 8),
  network('172.16.0.0', 12),
  network('192.168.0.0', 16),
  network('100.64.0.0', 10),
  network('fc00::', 7),
]
/** This network, groups, broadcast and what is reserved. */
const NOBODY = [network('0.0.0.0', 8), network('224.0.0.0', 3), network('::', 96), network('ff00::', 8)]
/** Addresses of IPv4, and networks of IPv6. */
const MOST_PUBLIC = 2
