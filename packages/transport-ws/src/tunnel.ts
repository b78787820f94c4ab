import type { ClientRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type Socket } from 'node:net'
import type { SecureContextOptions } from 'node:tls'
import { isSttError, SttError } from '@stt/errors'
import { http } from './node-http.ts'
import type { OutgoingProxy } from './outgoing-proxy.ts'

/** Options of a connection through a proxy. */
export interface TunnelOptions {
  /** Host and port of the target, `relay.example:443`. */
  readonly authority: string
  /** Certificates to trust instead of the platform's, for a proxy that speaks TLS. */
  readonly ca: SecureContextOptions['ca']
  /** Largest response head of the proxy in bytes. */
  readonly maxHeaderSize: number
}

/** Asks a proxy for a connection (RFC 9110 §9.3.6). */
// spec: STT-WS-31
export function requestTunnel({ url }: OutgoingProxy, { authority, ca, maxHeaderSize }: TunnelOptions): ClientRequest {
  const secure = url.protocol === 'https:'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const request = (secure ? httpsRequest : http.request)({
    method: 'CONNECT',
    host,
    port: url.port || (secure ? 443 : 80),
    path: authority,
    headers: { Host: authority, ...credentials(url) },
    maxHeaderSize: maxHeaderSize + 1,
    agent: false,
    ...(ca !== undefined && { ca }),
    ...(secure && { servername: isIP(host) === 0 ? host : '' }),
  })
  request.end()
  return request
}

/**
 * Waits for the connection that a proxy opens.
 *
 * Rejects with `STT_CONNECT_FAILED` if the proxy cannot be reached or refuses (`details.status`).
 */
export function tunnelled(request: ClientRequest, proxy: OutgoingProxy, { authority }: TunnelOptions): Promise<Socket> {
  const name = `the proxy ${proxy.url.host}, which ${proxy.from} names,`
  return new Promise((resolve, reject) => {
    request.once('connect', ({ statusCode = 0 }, socket: Socket, head: Uint8Array) => {
      if (statusCode >= 200 && statusCode < 300) {
        if (head.length > 0) socket.unshift(head)
        return resolve(socket)
      }
      // The socket has no owner any more, and an error event without a listener would end the process.
      socket.on('error', () => socket.destroy())
      socket.destroy()
      const message = `${name} gave no connection to ${authority}: HTTP status ${statusCode}, ${whatToDo(statusCode)}`
      reject(new SttError('STT_CONNECT_FAILED', message, { details: { status: statusCode } }))
    })
    // The listener stays for the life of the request, so that a second error does not become an uncaught one.
    request.on('error', (cause: Error) => {
      if (isSttError(cause)) return reject(cause)
      const message = `${name} could not be reached (${cause.message}): check its address, or leave it out for this host with NO_PROXY`
      reject(new SttError('STT_CONNECT_FAILED', message, { cause }))
    })
  })
}

function credentials({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {}
  const pair = `${decoded(username)}:${decoded(password)}`
  return { 'Proxy-Authorization': `Basic ${Buffer.from(pair).toString('base64')}` }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A % that is no escape is a plain character.
    return text
  }
}

function whatToDo(status: number): string {
  if (status === 407) return 'it wants a user and a password: write them into its URL, http://user:password@host:port'
  if (status === 403 || status === 405)
    return 'its rules do not allow that: ask who runs it, or use port 443 with wss://'
  return 'the host is wrong, or the proxy cannot reach it'
}
