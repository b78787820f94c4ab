import { abortError, checkInteger, checkOptions, checkSignal, checkType, describe, SttError } from '@stt/errors'
import type { Link } from '@stt/frame'
import { checkSubprotocol, SUBPROTOCOL } from './subprotocol.ts'
import { checkTimers, systemTimers, type Timers } from './timers.ts'
import { WhatwgLink } from './whatwg-link.ts'
import type { WhatwgWebSocket } from './whatwg-websocket.ts'

/** Options of `adoptWebSocket`. */
export interface AdoptWebSocketOptions {
  /** Ends the wait for an open socket and closes it; the call then rejects with `STT_ABORTED` or `STT_TIMEOUT`. */
  readonly signal?: AbortSignal
  /** Timers for the drain poll and the close deadline. Default: the platform's. */
  readonly timers?: Timers
  /** The subprotocol that the socket must have agreed to. Default: `stt.v1`. */
  readonly subprotocol?: string
  /** The other end as text for people. Default: the socket's URL; a socket that a server accepted has none. */
  readonly remote?: string
  /** Bytes in `bufferedAmount` from which `send` answers `false`. Default: 1,048,576. */
  readonly highWaterMark?: number
}

/**
 * Makes a link from a WebSocket that the caller opened or is opening: in a browser, or on a server that accepts WebSockets in
 * its own way. Offer the subprotocol `stt.v1` when you create the socket, call this before its first message arrives, and set
 * `onPacket` as soon as it resolves.
 *
 * Such a socket can neither be paused nor send a Ping. A session's credit and PING do that work.
 *
 * Rejects with `STT_INVALID_ARGUMENT`, `STT_CONNECT_FAILED`, `STT_WEBSOCKET_UPGRADE` (another subprotocol), `STT_ABORTED` or `STT_TIMEOUT`.
 */
export function adoptWebSocket(socket: WhatwgWebSocket, options: AdoptWebSocketOptions = {}): Promise<Link> {
  return new Promise((resolve, reject) => {
    checkArguments(socket, options)
    const { signal, subprotocol = SUBPROTOCOL, timers = systemTimers, highWaterMark = 1_048_576 } = options
    const remote = options.remote ?? (socket.url || 'ws://unknown')
    const what = `open ${remote}`
    const settle = (): void => {
      for (const type of ['open', 'error', 'close'] as const) socket.removeEventListener(type, listeners[type])
      // An error while the socket closes is expected, but the ws package throws it if it has no listener.
      socket.addEventListener('error', ignore)
      signal?.removeEventListener('abort', abort)
    }
    const fail = (error: SttError): void => {
      settle()
      socket.close()
      reject(error)
    }
    const open = (): void => {
      if (socket.protocol !== subprotocol) {
        const message = `${remote} refused the WebSocket: it does not speak the subprotocol ${subprotocol}`
        fail(new SttError('STT_WEBSOCKET_UPGRADE', message, { details: { status: 101 } }))
        return
      }
      settle()
      resolve(new WhatwgLink(socket, remote, timers, highWaterMark))
    }
    const gone = (event: { error?: unknown }): void => {
      const message = `could not ${what}: check that the other side runs, the host, the port and the path`
      fail(new SttError('STT_CONNECT_FAILED', message, { cause: event.error }))
    }
    const abort = (): void => fail(abortError(signal!, what))
    const listeners = { open, error: gone, close: gone }

    if (signal?.aborted) return abort()
    socket.binaryType = 'arraybuffer'
    if (socket.readyState === OPEN) return open()
    if (socket.readyState > OPEN) return gone({})
    for (const type of ['open', 'error', 'close'] as const) socket.addEventListener(type, listeners[type])
    signal?.addEventListener('abort', abort)
  })
}

function checkArguments(socket: unknown, options: AdoptWebSocketOptions): void {
  checkOptions(options, 'adoptWebSocket', ['signal', 'subprotocol', 'timers', 'remote', 'highWaterMark'])
  checkSignal(options.signal, 'adoptWebSocket')
  checkTimers(options.timers)
  if (options.subprotocol !== undefined) checkSubprotocol(options.subprotocol)
  if (options.remote !== undefined) checkType(options.remote, 'remote', 'string')
  if (options.highWaterMark !== undefined) checkInteger(options.highWaterMark, 'highWaterMark', 1, 2 ** 40)
  const { send, close, addEventListener, removeEventListener } = (socket ?? {}) as Partial<WhatwgWebSocket>
  if ([send, close, addEventListener, removeEventListener].every(method => typeof method === 'function')) return
  throw new SttError('STT_INVALID_ARGUMENT', `adoptWebSocket takes a WebSocket, not ${describe(socket)}`)
}

const OPEN = 1
const ignore = (): void => {}
