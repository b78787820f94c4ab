import { SttError } from '@stt/errors'

export type Scheme = 'udp' | 'ws' | 'wss'

/** An address as people write it, taken apart. */
export interface Address {
  readonly scheme: Scheme
  /** Name or IP address, an IPv6 one without its brackets. */
  readonly host: string
  readonly port: number
  readonly path: string
}

/** @throws SttError `STT_BAD_ADDRESS` that shows how an address looks */
export function parseAddress(text: string): Address {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const scheme = url?.protocol.slice(0, -1)
  if (!url || (scheme !== 'udp' && scheme !== 'ws' && scheme !== 'wss') || url.hostname === '') {
    throw badAddress(text, 'an address looks like ws://127.0.0.1:4433 or wss://example.org/stt')
  }
  // `URL` leaves out a scheme's own port, and knows none for udp.
  const port = url.port === '' ? DEFAULT_PORTS[scheme] : Number(url.port)
  if (port === undefined) throw badAddress(text, 'a udp address needs a port, such as udp://127.0.0.1:4433')
  if (url.username !== '' || url.password !== '') throw badAddress(text, 'an address holds no user name or password')
  return { scheme, host: url.hostname.replace(/^\[|\]$/g, ''), port, path: url.pathname || '/' }
}

export const badAddress = (text: string, help: string): SttError =>
  new SttError('STT_BAD_ADDRESS', `${JSON.stringify(text)} is not an address that can be used here: ${help}`)

const DEFAULT_PORTS: Partial<Record<Scheme, number>> = { ws: 80, wss: 443 }
