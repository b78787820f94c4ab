import { abortError, checkOptions, checkSignal, SttError } from '@stt/errors'
import type { Link } from '@stt/frame'
import { parseWebSocketUrl } from './address.ts'
import { adoptWebSocket } from './adopt.ts'
import { defaultLimits } from './limits.ts'
import { checkSubprotocol, SUBPROTOCOL } from './subprotocol.ts'
import { checkTimers, systemTimers, type Timers } from './timers.ts'
import type { WhatwgWebSocket } from './whatwg-websocket.ts'

/** Options of `dialWebSocket` in a page. */
export interface BrowserDialOptions {
  /** Ends the dial; it then rejects with `STT_ABORTED` or `STT_TIMEOUT`. */
  readonly signal?: AbortSignal
  /** The subprotocol to offer. Default: `stt.v1`. */
  readonly subprotocol?: string
  /** The other end as text for people. Default: the address. */
  readonly remote?: string
  /** Timers for deadlines. Default: the platform's. */
  readonly timers?: Timers
}

/**
 * Opens a WebSocket that carries STT packets, with the platform's own `WebSocket`. The platform chooses headers and trusted
 * certificates.
 *
 * Rejects with `STT_BAD_ADDRESS`, `STT_CONNECT_FAILED` (the platform does not tell a page why), `STT_WEBSOCKET_UPGRADE`, `STT_ABORTED` or
 * `STT_TIMEOUT`.
 */
export async function dialWebSocket(address: string, options: BrowserDialOptions = {}): Promise<Link> {
  checkOptions(options, 'dialWebSocket', ['signal', 'subprotocol', 'remote', 'timers'])
  checkSignal(options.signal, 'dialWebSocket')
  checkTimers(options.timers)
  const { url, zone } = parseWebSocketUrl(address)
  if (zone !== undefined) throw new SttError('STT_BAD_ADDRESS', `a page cannot dial an address with a zone (%${zone})`)
  const { signal, subprotocol = SUBPROTOCOL, remote, timers = systemTimers } = options
  checkSubprotocol(subprotocol)
  if (signal?.aborted) throw abortError(signal, `connect to ${address}`)
  const { WebSocket } = globalThis as { WebSocket?: WebSocketClass }
  if (!WebSocket) {
    throw new SttError(
      'STT_UNSUPPORTED',
      'this platform has no WebSocket; in Node, resolve this package without the browser condition',
    )
  }

  const deadline = new AbortController()
  const timer = timers.set(() => {
    deadline.abort(new DOMException(`no answer in ${defaultLimits.dialTimeout / 1_000} s`, 'TimeoutError'))
  }, defaultLimits.dialTimeout)
  const forward = (): void => deadline.abort(signal!.reason)
  signal?.addEventListener('abort', forward)
  try {
    return await adoptWebSocket(open(WebSocket, url, subprotocol), {
      signal: deadline.signal,
      subprotocol,
      timers,
      ...(remote !== undefined && { remote }),
    })
  } finally {
    timers.clear(timer)
    signal?.removeEventListener('abort', forward)
  }
}

function open(WebSocket: WebSocketClass, { href }: URL, subprotocol: string): WhatwgWebSocket {
  try {
    return new WebSocket(href, subprotocol)
  } catch (cause) {
    const message = `this page may not open ${href}: a page that came over https may dial wss:// only`
    throw new SttError('STT_CONNECT_FAILED', message, { cause })
  }
}

type WebSocketClass = new (url: string, protocol: string) => WhatwgWebSocket
