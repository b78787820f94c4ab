import { isDatagramAddress } from './address-text.ts'

/** What a listener reads from an address such as `udp://10.0.0.7:4433` or `ws://[2001:db8::1]:80/stt`. */
export interface PeerAddress {
  readonly datagram: boolean
  /** The IP address as 16 bytes, IPv4 in its mapped form (RFC 4291 §2.5.5.2); undefined for a name. */
  readonly ip: Uint8Array | undefined
  readonly port: number
  /** The same for all addresses that one person may hold at once: IPv4 /24, IPv6 /56. */
  readonly prefix: string
  /** Of this machine itself: whoever is there may as well be many, behind a proxy. */
  readonly isLoopback: boolean
}

export function parsePeerAddress(address: string): PeerAddress {
  const [, bracketed, plain = '', port = '0'] = ADDRESS.exec(address) ?? []
  const host = bracketed ?? plain
  const ip = parseIp(host)
  return {
    datagram: isDatagramAddress(address),
    ip,
    port: Number(port),
    prefix: ip ? prefixOf(ip) : host,
    isLoopback: ip ? isLoopback(ip) : host === 'localhost',
  }
}

/** The prefix alone: what limits by address count with. */
export function addressPrefix(address: string): string {
  return parsePeerAddress(address).prefix
}

function parseIp(host: string): Uint8Array | undefined {
  const [text = '', zone] = host.split('%')
  if (!text.includes(':')) {
    const ipv4 = parseIpv4(text)
    return ipv4 && Uint8Array.of(...MAPPED, ...ipv4)
  }
  return zone === '' ? undefined : parseIpv6(text)
}

function parseIpv4(text: string): number[] | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every(part => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return undefined
  return parts.map(Number)
}

function parseIpv6(text: string): Uint8Array | undefined {
  // The last 32 bits may be written as an IPv4 address.
  const dotted = text.slice(text.lastIndexOf(':') + 1)
  const ipv4 = dotted.includes('.') ? parseIpv4(dotted) : undefined
  if (dotted.includes('.') && !ipv4) return undefined
  const hex = ipv4 ? text.slice(0, -dotted.length) + groupsOf(ipv4) : text

  const halves = hex.split('::')
  if (halves.length > 2) return undefined
  const [head = [], tail = []] = halves.map(half => (half === '' ? [] : half.split(':')))
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const groups = [...head, ...Array<string>(missing).fill('0'), ...tail]
  if (!groups.every(group => /^[0-9a-f]{1,4}$/i.test(group))) return undefined
  return Uint8Array.from(groups.flatMap(group => [Number.parseInt(group, 16) >>> 8, Number.parseInt(group, 16) & 0xff]))
}

function groupsOf([a = 0, b = 0, c = 0, d = 0]: number[]): string {
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
}

function prefixOf(ip: Uint8Array): string {
  return String.fromCharCode(...ip.subarray(0, isMapped(ip) ? 15 : 7))
}

/** 127.0.0.0/8 and ::1. */
function isLoopback(ip: Uint8Array): boolean {
  return isMapped(ip) ? ip[12] === 127 : ip.every((byte, i) => byte === (i === 15 ? 1 : 0))
}

function isMapped(ip: Uint8Array): boolean {
  return MAPPED.every((byte, i) => ip[i] === byte)
}

const ADDRESS = /^\w+:\/\/(?:\[([^\]]*)\]|([^:/?#]*))(?::(\d+))?/
const MAPPED: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
