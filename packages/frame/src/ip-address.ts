/** The 16 bytes of an IP address, IPv4 in its mapped form (RFC 4291 §2.5.5.2), a zone left out; undefined for anything else. */
export function parseIpAddress(text: string): Uint8Array<ArrayBuffer> | undefined {
  const [address = '', zone] = text.split('%')
  if (!address.includes(':')) {
    const ipv4 = parseIpv4(address)
    return ipv4 && Uint8Array.of(...MAPPED, ...ipv4)
  }
  return zone === '' ? undefined : parseIpv6(address)
}

/** Whether packets to this address never leave the machine: 127.0.0.0/8 and ::1. */
export function isLoopback(address: string): boolean {
  const ip = parseIpAddress(address)
  if (ip === undefined) return false
  return isMapped(ip) ? ip[12] === 127 : ip.every((byte, i) => byte === (i === 15 ? 1 : 0))
}

/** What is the same for all addresses that one person may hold at once: IPv4 /24, IPv6 /56; undefined for what is no IP address. */
export function ipPrefix(address: string): string | undefined {
  const ip = parseIpAddress(address)
  return ip && String.fromCharCode(...ip.subarray(0, isMapped(ip) ? 15 : 7))
}

/** The text of 4 or 16 bytes, IPv6 as RFC 5952 has it, an IPv4 address in its mapped form as IPv4. */
export function formatIpAddress(ip: Uint8Array): string {
  if (ip.length === 4) return ip.join('.')
  if (isMapped(ip)) return ip.subarray(12).join('.')
  const text = Array.from({ length: 8 }, (_, i) => ((ip[2 * i]! << 8) | ip[2 * i + 1]!).toString(16)).join(':')
  // The longest run of zeros, the first of equal ones, two groups at least.
  const [run] = [...text.matchAll(/\b0(?::0\b)+/g)].sort((a, b) => b[0].length - a[0].length)
  if (!run) return text
  return `${text.slice(0, Math.max(0, run.index - 1))}::${text.slice(run.index + run[0].length + 1)}`
}

function parseIpv4(text: string): number[] | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every(part => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return undefined
  return parts.map(Number)
}

function parseIpv6(text: string): Uint8Array<ArrayBuffer> | undefined {
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

/** Whether 16 bytes are an IPv4 address. */
export function isMapped(ip: Uint8Array): boolean {
  return MAPPED.every((byte, i) => ip[i] === byte)
}

const MAPPED: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
