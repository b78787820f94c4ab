import { describe, SttError } from '@stt/errors'

/** The parts of a WebSocket address. */
export interface WebSocketTarget {
  /** The address without its zone, which a URL cannot have. */
  readonly url: URL
  /** Name or IP address to connect to; an IPv6 address has no brackets but its zone: `fe80::1%eth0`. */
  readonly host: string
  /** The interface of a link-local address. */
  readonly zone: string | undefined
}

/**
 * Reads a `ws:` or `wss:` URL. An IPv6 address may have a zone, `[fe80::1%eth0]`.
 *
 * @throws SttError `STT_BAD_ADDRESS`; `STT_INVALID_ARGUMENT` if `text` is no string
 */
// spec: STT-WS-26
export function parseWebSocketUrl(text: string): WebSocketTarget {
  if (typeof text !== 'string') {
    throw new SttError(
      'STT_INVALID_ARGUMENT',
      `a WebSocket address is a text such as ws://127.0.0.1:4433, not ${describe(text)}`,
    )
  }
  const [, before = text, zone, after = ''] = ZONE.exec(text) ?? []
  const url = URL.canParse(before + after) ? new URL(before + after) : undefined
  if (!url || (url.protocol !== 'ws:' && url.protocol !== 'wss:')) {
    throw badAddress(
      `${shown(text)} is not a WebSocket address: write it like ws://127.0.0.1:4433 or wss://example.org/stt`,
    )
  }
  if (url.hash !== '' || url.username !== '' || url.password !== '') {
    throw badAddress('a WebSocket address has no #fragment and no user:password; send credentials as a header')
  }
  if (url.port === '0') throw badAddress(`${shown(text)} has port 0, which cannot be dialed: give the listener's port`)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return { url, host: zone === undefined ? host : `${host}%${zone}`, zone }
}

/** Writes an address, `ws://127.0.0.1:40123/path`, with brackets around IPv6 and without a path that is only `/`. */
export function formatAddress(scheme: 'ws' | 'wss', host: string, port: number, path = '/'): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}${path === '/' ? '' : path}`
}

/** The address for the text of an error: short, printable and without a password. */
function shown(text: string): string {
  return JSON.stringify(text.slice(0, 200).replace(/\/\/[^/]*@/, '//…@'))
}

function badAddress(message: string): SttError {
  return new SttError('STT_BAD_ADDRESS', message)
}

/** RFC 4007 §11 writes a zone with `%`, RFC 6874 with `%25`. */
const ZONE = /^([a-z]+:\/\/\[[0-9a-f:.]+)%(?:25)?([\w.~-]+)(\].*)$/i
