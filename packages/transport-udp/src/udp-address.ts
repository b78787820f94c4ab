import { isIP } from 'node:net'
import { checkType, describe, SttError } from '@stt/errors'

/** The source or destination of a datagram. */
export interface UdpRemote {
  /** An IP address, never a name. */
  readonly address: string
  /** A port from 1 to 65,535. */
  readonly port: number
}

/**
 * Writes an address as a URL: `udp://10.0.0.7:4433`, `udp://[::1]:4433`.
 *
 * @throws SttError `STT_INVALID_ARGUMENT` if the address is no string
 */
export function formatUdpUrl(remote: UdpRemote): string {
  const { address, port } = remote ?? {}
  checkType(address, 'the address of a UDP URL', 'string')
  return address.includes(':') ? `udp://[${address}]:${port}` : `udp://${address}:${port}`
}

/**
 * Reads host and port from a `udp://host:port` address. The host may be a name.
 *
 * @throws SttError `STT_BAD_ADDRESS`; `STT_INVALID_ARGUMENT` if `url` is no string
 */
export function parseUdpUrl(url: string): { readonly host: string; readonly port: number } {
  if (typeof url !== 'string') {
    throw new SttError('STT_INVALID_ARGUMENT', `a UDP address is a text such as udp://host:port, not ${describe(url)}`)
  }
  const [, ipv6, name, digits] = URL_OF_UDP.exec(url) ?? []
  const host = ipv6 === undefined ? hostOf(name) : checkIPv6(ipv6)
  const port = Number(digits)
  if (host === undefined || port < 1 || port > 65_535) {
    const shown = JSON.stringify(url.slice(0, 200).replace(/\/\/[^/]*@/, '//…@'))
    const message = `${shown} is no UDP address: write udp://host:port, with [brackets] around IPv6, which may have a zone as in [fe80::1%eth0]`
    throw new SttError('STT_BAD_ADDRESS', message)
  }
  return { host, port }
}

/** RFC 6874 writes the zone with `%25`. */
function checkIPv6(text: string): string | undefined {
  const address = text.replace(/%25(?=[\w.~-])/, '%')
  return isIP(address) === 6 ? address : undefined
}

/** A name or an IPv4 address, as `URL` reads a host. */
function hostOf(name: string | undefined): string | undefined {
  const url = `ws://${name}/`
  return name !== undefined && URL.canParse(url) ? new URL(url).hostname || undefined : undefined
}

const URL_OF_UDP = /^udp:\/\/(?:\[([^\]/]+)\]|([^:/[\]@?#\\\s]+)):(\d{1,5})\/?$/i
