import { SttError } from '@stt/errors'

/** A `ws:` or `wss:` URL that can be dialed, or `STT_BAD_ADDRESS`. */
export function parseWebSocketUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || (url.protocol !== 'ws:' && url.protocol !== 'wss:')) {
    throw new SttError(
      'STT_BAD_ADDRESS',
      `"${text}" is not a WebSocket address: write it like ws://127.0.0.1:4433 or wss://example.org/stt`,
    )
  }
  if (url.hash !== '' || url.username !== '' || url.password !== '') {
    throw new SttError(
      'STT_BAD_ADDRESS',
      'a WebSocket address has no #fragment and no user:password; send credentials as a header',
    )
  }
  return url
}

/** `ws://127.0.0.1:40123/path`, brackets around IPv6; the path is left out when it is only `/`. */
export function formatAddress(scheme: 'ws' | 'wss', host: string, port: number, path = '/'): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}${path === '/' ? '' : path}`
}
