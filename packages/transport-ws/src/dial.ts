import { randomBytes } from 'node:crypto'
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import type { SecureContextOptions } from 'node:tls'
import { abortError, isSttError, SttError } from '@stt/errors'
import { parseWebSocketUrl } from './address.ts'
import { defaultLimits, type WebSocketLimits } from './limits.ts'
import { SocketLink, type WebSocketLink } from './socket-link.ts'
import { systemTimers, type Timers } from './timers.ts'
import { refuseResponse, requestHeaders } from './upgrade/response.ts'

export interface DialWebSocketOptions {
  readonly signal?: AbortSignal
  /** More headers of the request, such as Authorization or Origin. The upgrade's own cannot be replaced. */
  readonly headers?: Readonly<Record<string, string>>
  /** For `wss:` the certificates to trust instead of the platform's. */
  readonly ca?: SecureContextOptions['ca']
  /** For `wss:` the name the certificate must carry, when it is not the URL's host. */
  readonly serverName?: string
  readonly limits?: Partial<WebSocketLimits>
  readonly timers?: Timers
}

/**
 * Opens a WebSocket that carries STT packets.
 *
 * Rejects with `STT_BAD_ADDRESS`, `STT_CONNECT_FAILED` (nobody answers there, or TLS failed), `STT_WEBSOCKET_UPGRADE` (who
 * answers speaks no STT; `details.status`), `STT_ABORTED` or `STT_TIMEOUT`.
 *
 * @param address `ws://host:port/path` or `wss://…`
 */
export async function dialWebSocket(address: string, options: DialWebSocketOptions = {}): Promise<WebSocketLink> {
  const url = parseWebSocketUrl(address)
  const what = `connect to ${address}`
  const { signal, timers = systemTimers } = options
  if (signal?.aborted) throw abortError(signal, what)
  const limits = { ...defaultLimits, ...options.limits }
  const key = randomBytes(16).toString('base64')
  const request = sendRequest(url, key, limits, options)

  const abort = (): void => void request.destroy(abortError(signal!, what))
  const deadline = timers.set(() => {
    request.destroy(new SttError('STT_TIMEOUT', `${what} got no answer in ${limits.dialTimeout / 1_000} s`))
  }, limits.dialTimeout)
  signal?.addEventListener('abort', abort)
  try {
    const { socket, head } = await upgrade(request, key, address)
    socket.setNoDelay(true)
    return new SocketLink(socket, head, { role: 'client', remote: address, limits, timers })
  } finally {
    timers.clear(deadline)
    signal?.removeEventListener('abort', abort)
  }
}

function sendRequest(url: URL, key: string, limits: WebSocketLimits, options: DialWebSocketOptions): ClientRequest {
  const secure = url.protocol === 'wss:'
  const request = (secure ? httpsRequest : httpRequest)({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port || (secure ? 443 : 80),
    path: url.pathname + url.search,
    headers: { ...options.headers, ...requestHeaders(key) },
    maxHeaderSize: limits.maxHeaderSize,
    agent: false,
    ...(options.ca === undefined ? {} : { ca: options.ca }),
    ...(options.serverName === undefined ? {} : { servername: options.serverName }),
  })
  request.end()
  return request
}

function upgrade(request: ClientRequest, key: string, address: string): Promise<{ socket: Socket; head: Uint8Array }> {
  return new Promise((resolve, reject) => {
    const refuse = (why: string, status: number): void => {
      reject(
        new SttError('STT_WEBSOCKET_UPGRADE', `${address} is not an STT listener: ${why}`, { details: { status } }),
      )
      request.destroy()
    }
    request.once('upgrade', (response: IncomingMessage, socket: Socket, head: Uint8Array) => {
      const problem = refuseResponse(response.headers, key)
      if (problem === undefined) resolve({ socket, head })
      else refuse(problem, 101)
    })
    request.once('response', response => {
      const { statusCode = 0 } = response
      refuse(`HTTP status ${statusCode}, ${whatToDo(statusCode)}`, statusCode)
    })
    // Stays for the life of the request: a second error of it must not become an uncaught one.
    request.on('error', (cause: Error) => {
      if (isSttError(cause)) reject(cause)
      else reject(new SttError('STT_CONNECT_FAILED', connectFailure(address, cause), { cause }))
    })
  })
}

function whatToDo(status: number): string {
  if (status === 401 || status === 403) return 'it wants credentials or another Origin: give them as headers'
  if (status === 429 || status === 503) return 'it is full: try again later'
  return 'no STT listener is there: check host, port and path'
}

function connectFailure(address: string, cause: Error): string {
  const { code } = cause as NodeJS.ErrnoException
  if (code === 'ECONNREFUSED')
    return `nothing listens at ${address}: check that the other side runs, the host and the port`
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `the host name in ${address} could not be resolved`
  return `could not connect to ${address}: ${cause.message}`
}
