import { X509Certificate } from 'node:crypto'
import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import { isIP, Server as NetServer } from 'node:net'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { checkInteger, checkOptions, checkSignal, checkType, describe, SttError } from '@stt/errors'
import { resolveLimits, type WebSocketLimits } from './limits.ts'
import { http } from './node-http.ts'
import { checkProxy } from './outgoing-proxy.ts'
import { checkSubprotocol } from './subprotocol.ts'
import { checkTimers, type Timers } from './timers.ts'
import type { TlsOptions } from './tls-sockets.ts'

export interface DialWebSocketOptions {
  readonly signal?: AbortSignal
  /** More headers of the request, such as Authorization or Origin. The upgrade's own cannot be replaced. */
  readonly headers?: Readonly<Record<string, string>>
  /** For `wss:` the certificates to trust instead of the platform's. */
  readonly ca?: SecureContextOptions['ca']
  /** For `wss:` the name the certificate must carry, when it is not the URL's host. */
  readonly serverName?: string
  /** The IP address to connect to, where the host of the URL was looked up already; all else goes by the URL. */
  readonly ipAddress?: string
  /**
   * The HTTP proxy to go through, `http://user:password@host:port` or `https://…`; `false` for none. Unless given
   * `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` of the environment say it. A proxy looks the host up itself.
   */
  readonly proxy?: string | false
  /** The one that is spoken. Default `stt.v1`. */
  readonly subprotocol?: string
  /** What the link says that it leads to, for people. Default: the address. */
  readonly remote?: string
  readonly limits?: Partial<WebSocketLimits>
  readonly timers?: Timers
}

export interface ListenWebSocketOptions {
  /** The only path that is taken; the query is not looked at. Default `/`. */
  readonly path?: string
  /** Pages that may connect, as the browser's Origin header names them: `https://example.org`. Without it: all. */
  readonly origins?: readonly string[]
  /**
   * Whose place a connection takes, when a proxy stands in front: the proxy's own header, read from the request. A request
   * for which it throws, or gives anything but a text or undefined, is refused.
   */
  readonly clientAddress?: (request: IncomingMessage) => string | undefined
  /** The subprotocols that are spoken, the one that is liked best first; the link's origin says which. Default `['stt.v1']`. */
  readonly subprotocols?: readonly string[]
  /** Answers requests that are no upgrade, on a port of its own, within `limits.headerTimeout`. Default: status 426. */
  readonly onRequest?: (request: IncomingMessage, response: ServerResponse) => void
  /** Told what `clientAddress`, `onRequest` or `onLink` threw. Default: a warning of the process. */
  readonly onFault?: (cause: unknown) => void
  readonly limits?: Partial<WebSocketLimits>
  readonly timers?: Timers
  /** Address to bind. Default `127.0.0.1`: only this machine. */
  readonly host?: string
  /** Port to bind; 0, the default, lets the system choose. */
  readonly port?: number
  /** An `http` or `https` server to share instead of a port of its own; its owner starts and closes it. */
  readonly server?: HttpServer | HttpsServer
  /** Serves `wss://` on the port of its own, with this certificate. A server that is shared brings its own. */
  readonly tls?: TlsOptions
}

/** Every option of this package's dialing and listening. */
export type WebSocketOptions = DialWebSocketOptions & ListenWebSocketOptions

/**
 * Refuses options that cannot work, before anything is dialed or bound: names that are not among `known`, values of
 * another type or out of range, headers that HTTP does not take.
 *
 * @param what whose options, as a person would name them: "ws"
 * @throws SttError `STT_INVALID_ARGUMENT` that names the option
 */
export function checkWebSocketOptions(
  options: WebSocketOptions,
  what: string,
  known: readonly (keyof WebSocketOptions)[],
): void {
  checkOptions(options, what, known)
  resolveLimits(options.limits)
  checkSignal(options.signal, what)
  checkTimers(options.timers)
  if (options.headers !== undefined) checkHeaders(options.headers)
  if (options.ca !== undefined) checkCertificates(options.ca)
  if (options.serverName !== undefined) checkType(options.serverName, 'serverName', 'string')
  if (options.ipAddress !== undefined) checkIpAddress(options.ipAddress)
  if (options.proxy !== undefined) checkProxy(options.proxy)
  if (options.subprotocol !== undefined) checkSubprotocol(options.subprotocol)
  if (options.remote !== undefined) checkType(options.remote, 'remote', 'string')
  if (options.subprotocols !== undefined) checkSubprotocols(options.subprotocols)
  if (options.origins !== undefined) checkOrigins(options.origins)
  if (options.clientAddress !== undefined) checkType(options.clientAddress, 'clientAddress', 'function')
  if (options.onRequest !== undefined) checkType(options.onRequest, 'onRequest', 'function')
  if (options.onFault !== undefined) checkType(options.onFault, 'onFault', 'function')
  if (options.host !== undefined) checkType(options.host, 'host', 'string')
  if (options.port !== undefined) checkInteger(options.port, 'port', 0, 65_535)
  if (options.path !== undefined) checkPath(options.path)
  if (options.server !== undefined) checkServer(options.server)
  if (options.tls !== undefined) checkTls(options.tls)
  if (options.tls && options.server) {
    throw invalid('give either server or tls: an https server that is shared has its own certificate')
  }
  if (options.onRequest && options.server) {
    throw invalid('give either server or onRequest: a server that is shared answers its other requests itself')
  }
}

export const DIAL_OPTIONS: readonly (keyof DialWebSocketOptions)[] = [
  'signal',
  'headers',
  'ca',
  'serverName',
  'ipAddress',
  'proxy',
  'subprotocol',
  'remote',
  'limits',
  'timers',
]

export const LISTEN_OPTIONS: readonly (keyof ListenWebSocketOptions)[] = [
  'path',
  'origins',
  'clientAddress',
  'subprotocols',
  'onRequest',
  'limits',
  'timers',
  'host',
  'port',
  'server',
  'onFault',
  'tls',
]

function checkHeaders(headers: unknown): void {
  if (typeof headers !== 'object' || headers === null || Symbol.iterator in headers) {
    throw invalid(`headers is an object such as { Authorization: 'Bearer …' }, not ${describe(headers)}`)
  }
  for (const [name, value] of Object.entries(headers)) {
    try {
      http.validateHeaderName(name)
      checkType(value, 'its value', 'string')
      http.validateHeaderValue(name, value as string)
    } catch (cause) {
      // The value may be a credential: it is not shown.
      throw new SttError('STT_INVALID_ARGUMENT', `headers has ${JSON.stringify(name)}, which HTTP does not take so`, {
        cause,
      })
    }
  }
}

function checkCertificates(ca: NonNullable<DialWebSocketOptions['ca']>): void {
  try {
    // Each may hold several, of which this reads the first; TLS would pass over what is none.
    for (const each of [ca].flat()) new X509Certificate(each)
  } catch (cause) {
    throw new SttError('STT_INVALID_ARGUMENT', 'ca must be certificates in PEM, as text or bytes', { cause })
  }
}

function checkOrigins(origins: unknown): void {
  if (!Array.isArray(origins)) {
    throw invalid(`origins is a list such as ['https://example.org'], not ${describe(origins)}`)
  }
  for (const origin of origins) checkType(origin, 'what is in origins', 'string')
}

function checkSubprotocols(names: unknown): void {
  if (!Array.isArray(names) || names.length === 0) {
    throw invalid(`subprotocols is a list such as ['stt.v1'], not ${describe(names)}`)
  }
  for (const name of names) checkSubprotocol(name)
}

function checkIpAddress(address: unknown): void {
  checkType(address, 'ipAddress', 'string')
  if (isIP(address as string) === 0) throw invalid('ipAddress must be an IP address, not a name')
}

function checkPath(path: unknown): void {
  checkType(path, 'path', 'string')
  if (!(path as string).startsWith('/')) throw invalid('path must start with a /')
}

function checkServer(server: unknown): void {
  const { on, address } = (server ?? {}) as { on?: unknown; address?: unknown }
  // By what it can do, as every runtime has HTTP servers of its own; one of node:net can as much, and never has an upgrade.
  const isPlain = server instanceof NetServer && !('headersTimeout' in server)
  if (typeof on === 'function' && typeof address === 'function' && !isPlain) return
  throw invalid(
    `server must be an HTTP server, as createServer of node:http or node:https makes it, not ${describe(server)}`,
  )
}

function checkTls(tls: unknown): void {
  checkOptions(tls, 'tls', ['cert', 'key'])
  const { cert, key } = tls as Partial<TlsOptions>
  const missing = cert === undefined ? 'cert' : key === undefined ? 'key' : undefined
  if (missing) throw invalid(`tls needs ${missing}: { cert, key }, both in PEM, as text or bytes`)
  try {
    createSecureContext({ cert, key })
  } catch (cause) {
    // What OpenSSL says of them names no byte of the key.
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new SttError(
      'STT_INVALID_ARGUMENT',
      `tls needs a certificate and the key that belongs to it, both in PEM: ${why}`,
      {
        cause,
      },
    )
  }
}

const invalid = (message: string): SttError => new SttError('STT_INVALID_ARGUMENT', message)
