import { isIPv6 } from 'node:net'
import { checkType } from '@stt/errors'

/**
 * The group under which a limit counts an address: an IPv4 address counts by itself, also when mapped into IPv6; an IPv6
 * address counts with its /64, which one customer gets.
 *
 * @throws SttError `STT_INVALID_ARGUMENT` if `address` is no string
 */
export function addressGroup(address: string): string {
  checkType(address, 'an address', 'string')
  if (!address.includes(':') || !isIPv6(address)) return address
  const [head = '', tail] = address.toLowerCase().split('%')[0]!.split('::') as [string, string?]
  const mapped = /^ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(tail ?? '')
  if (head === '' && mapped) return mapped[1]!
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups =
    tail === undefined ? before : [...before, ...Array(8 - before.length - after.length).fill('0'), ...after]
  return groups
    .slice(0, 4)
    .map(group => Number.parseInt(group, 16).toString(16))
    .join(':')
}
