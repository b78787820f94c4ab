import { ipPrefix, isLoopback } from '@stt/frame'
import type { Origin } from '../src/index.ts'

const links = new Map<string, Origin>()

/**
 * Where an address of a test leads: for `udp:` a new origin each time, as a listener makes them, for anything else the
 * one link there.
 */
export function originOf(address: string): Origin {
  const lossy = address.startsWith('udp:')
  const known = links.get(address)
  if (known && !lossy) return known
  const origin: Origin = { lossy, proved: !lossy, label: address, prefix: prefixOf(address) }
  links.set(address, origin)
  return origin
}

/** Empty for addresses that have no budget. */
function prefixOf(address: string): string {
  const [, bracketed, plain = ''] = /^\w+:\/\/(?:\[([^\]]*)\]|([^:/]*))/.exec(address) ?? []
  const host = bracketed ?? plain
  return isLoopback(host) ? '' : (ipPrefix(host) ?? host)
}
