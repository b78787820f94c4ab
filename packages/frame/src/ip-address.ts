/** The 16 bytes of an IP address, without its zone, IPv4 in mapped form (RFC 4291 §2.5.5.2); undefined for any other text. */
export function parseIpAddress(text: string): Uint8Array<ArrayBuffer> | undefined {
  const [address = '', zone] = text.split('%')
  if (!address.includes(':')) {
    const ip = new Uint8Array(16)
    if (!readIpv4(address, ip, 12)) return undefined
    ip[10] = ip[11] = 0xff
    return ip
  }
  return zone === '' ? undefined : parseIpv6(address)
}

/** Whether packets to this address never leave the machine: 127.0.0.0/8 and ::1. */
export function isLoopback(address: string): boolean {
  // Every link and every session asks about these two.
  if (address === '127.0.0.1' || address === '::1') return true
  if (!address.includes(':') && !address.startsWith('127.')) return false
  const ip = parseIpAddress(address)
  if (ip === undefined) return false
  return isMapped(ip) ? ip[12] === 127 : ip.every((byte, i) => byte === (i === 15 ? 1 : 0))
}

/** The prefix that all addresses of one household share, IPv4 /24 or IPv6 /56, as a map key; undefined unless `address` is an IP address. */
export function ipPrefix(address: string): string | undefined {
  const ip = parseIpAddress(address)
  return ip && String.fromCharCode(...ip.subarray(0, isMapped(ip) ? 15 : 7))
}

/** The text of 4 or 16 bytes: IPv6 as in RFC 5952, an address in mapped form as IPv4. */
export function formatIpAddress(ip: Uint8Array): string {
  if (ip.length === 4) return ip.join('.')
  if (isMapped(ip)) return ip.subarray(12).join('.')
  const text = Array.from({ length: 8 }, (_, i) => ((ip[2 * i]! << 8) | ip[2 * i + 1]!).toString(16)).join(':')
  // The longest run of zeros, the first of equal ones, two groups at least.
  const [run] = [...text.matchAll(/\b0(?::0\b)+/g)].sort((a, b) => b[0].length - a[0].length)
  if (!run) return text
  return `${text.slice(0, Math.max(0, run.index - 1))}::${text.slice(run.index + run[0].length + 1)}`
}

/** Writes the four bytes of an IPv4 address to `into` from `at` on; false for any other text. */
function readIpv4(text: string, into: Uint8Array, at: number): boolean {
  let byte = 0
  let digits = 0
  let parts = 0
  for (let i = 0; i <= text.length; i++) {
    const code = i === text.length ? DOT : text.charCodeAt(i)
    if (code === DOT) {
      if (digits === 0 || byte > 255 || parts === 4) return false
      into[at + parts++] = byte
      byte = digits = 0
    } else {
      if (code < ZERO || code > ZERO + 9 || ++digits > 3) return false
      byte = 10 * byte + code - ZERO
    }
  }
  return parts === 4
}

const DOT = 0x2e
const ZERO = 0x30

function parseIpv6(text: string): Uint8Array<ArrayBuffer> | undefined {
  // The last 32 bits may be written as an IPv4 address.
  const dotted = text.slice(text.lastIndexOf(':') + 1)
  let hex = text
  if (dotted.includes('.')) {
    const ipv4 = new Uint8Array(4)
    if (!readIpv4(dotted, ipv4, 0)) return undefined
    hex = text.slice(0, -dotted.length) + groupsOf(ipv4)
  }

  const halves = hex.split('::')
  if (halves.length > 2) return undefined
  const [head = [], tail = []] = halves.map(half => (half === '' ? [] : half.split(':')))
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const groups = [...head, ...Array<string>(missing).fill('0'), ...tail]
  if (!groups.every(group => /^[0-9a-f]{1,4}$/i.test(group))) return undefined
  return Uint8Array.from(groups.flatMap(group => [Number.parseInt(group, 16) >>> 8, Number.parseInt(group, 16) & 0xff]))
}

function groupsOf([a = 0, b = 0, c = 0, d = 0]: Uint8Array): string {
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
}

/** Whether 16 bytes are an IPv4 address. */
export function isMapped(ip: Uint8Array): boolean {
  return MAPPED.every((byte, i) => ip[i] === byte)
}

const MAPPED: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
