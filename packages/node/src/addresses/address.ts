import { fromHex } from '@stt/crypto'
import { describe, SttError } from '@stt/errors'
import { isAtRelay } from '../relay/relay-address.ts'

export type Scheme = 'udp' | 'ws' | 'wss' | 'relay'

/** An address as people write it, taken apart. */
export interface Address {
  readonly scheme: Scheme
  /** Name or IP address, an IPv6 one without its brackets and with its zone, if it has one: `fe80::1%eth0`. */
  readonly host: string
  /** 0 only where one listens. */
  readonly port: number
  /** `/` unless given; without the query, which may be told to a listener but means nothing to it. */
  readonly path: string
  /** The name that `host` was looked up from. */
  readonly name?: string
  /** Of the scheme `relay`, whose host and port are the relay's. */
  readonly relay?: RelayTarget
}

/** A node at a relay. */
export interface RelayTarget {
  /** The relay, as it is dialed: `wss://…`. */
  readonly url: string
  /** The id of the node, 32 bytes. */
  readonly peer: Uint8Array<ArrayBuffer>
}

/**
 * The addresses that `connect` was given, one or a list.
 *
 * @throws SttError `STT_INVALID_ARGUMENT` for what is no text and no list of texts
 */
export function addressesOf(given: string | readonly string[]): readonly string[] {
  const addresses = Array.isArray(given) ? (given as readonly string[]) : [given as string]
  for (const address of addresses) checkText(address)
  return addresses
}

/**
 * Reads `udp://host:port`, `ws://host[:port][/path]` or `wss://…`, and the address of a node at a relay:
 * `relay:wss://relay.example#` and the 64 digits of its id.
 *
 * @throws SttError `STT_BAD_ADDRESS` that shows how an address looks; `STT_INVALID_ARGUMENT` for what is no text
 */
// spec: STT-WS-26
export function parseAddress(text: string): Address {
  checkText(text)
  if (isAtRelay(text)) return parseRelayAddress(text)
  const [, before = text, zone, after = ''] = ZONE.exec(text) ?? []
  const url = readUrl(before + after)
  const scheme = url?.protocol.slice(0, -1)
  if (!url || !isScheme(scheme))
    throw badAddress(text, 'an address looks like ws://127.0.0.1:4433 or wss://example.org/stt')
  if (url.username !== '' || url.password !== '') throw badAddress(text, 'an address holds no user name or password')
  if (url.hash !== '') throw badAddress(text, 'an address has no #fragment')
  if (scheme === 'udp' && (url.search !== '' || !/^\/?$/.test(url.pathname))) {
    throw badAddress(text, 'a udp address ends with its port')
  }
  // `URL` leaves out a scheme's own port, and knows none for udp.
  const port = url.port === '' ? DEFAULT_PORTS[scheme] : Number(url.port)
  if (port === undefined) throw badAddress(text, 'a udp address needs a port, such as udp://127.0.0.1:4433')
  const host = hostOf(url)
  if (host === undefined) throw badAddress(text, 'its host is neither a name nor an IP address')
  return { scheme, host: zone === undefined ? host : `${host}%${zone}`, port, path: url.pathname || '/' }
}

/** An address to dial. @throws SttError `STT_BAD_ADDRESS`, for port 0 too; `STT_INVALID_ARGUMENT` */
export function parseDialAddress(text: string): Address {
  const address = parseAddress(text)
  if (address.port === 0) throw badAddress(text, 'port 0 is for listening: dial the port that node.addresses names')
  return address
}

export const badAddress = (text: string, help: string): SttError =>
  new SttError('STT_BAD_ADDRESS', `${shown(text)} is not an address that can be used here: ${help}`)

/** An address for the text of an error: short, printable, and without a password. */
function shown(text: string): string {
  return JSON.stringify(text.slice(0, 200).replace(/\/\/[^/]*@/, '//…@'))
}

function readUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined
}

/** Of udp, whose host `URL` takes as it is, what it would make of the same host in a scheme that it knows. */
function hostOf({ host, hostname, protocol }: URL): string | undefined {
  const known = protocol === 'udp:' ? readUrl(`ws://${host}`)?.hostname : hostname
  return known?.replace(/^\[|\]$/g, '') || undefined
}

// spec: STT-RLY-32
function parseRelayAddress(text: string): Address {
  const [, url = '', id = ''] = /^relay:([^#]*)#([^#]*)$/i.exec(text) ?? []
  const peer = id.length === ID_DIGITS ? fromHex(id) : undefined
  if (!peer || !/^wss?:/i.test(url)) throw badAddress(text, RELAY_FORM)
  return { ...parseAddress(url), scheme: 'relay', relay: { url, peer } }
}

const isScheme = (scheme: string | undefined): scheme is Exclude<Scheme, 'relay'> =>
  scheme === 'udp' || scheme === 'ws' || scheme === 'wss'

function checkText(address: unknown): void {
  if (typeof address === 'string') return
  const hint = address instanceof URL ? ': pass its href' : ''
  throw new SttError(
    'STT_INVALID_ARGUMENT',
    `an address is a text such as ws://127.0.0.1:4433, not ${describe(address)}${hint}`,
  )
}

const ID_DIGITS = 64
const RELAY_FORM = 'a node at a relay is relay:wss://relay.example#… and the 64 digits of its id'
const DEFAULT_PORTS: Partial<Record<Scheme, number>> = { ws: 80, wss: 443 }
/** RFC 4007 §11 writes a zone with `%`, RFC 6874 with `%25`; `URL` takes neither. */
const ZONE = /^([a-z]+:\/\/\[[0-9a-f:.]+)%(?:25)?([\w.~-]+)(\].*)$/i
