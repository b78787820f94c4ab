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

/** Options of `dialWebSocket`. */
export interface DialWebSocketOptions {
  /** Ends the dial; it then rejects with `STT_ABORTED` or `STT_TIMEOUT`. */
  readonly signal?: AbortSignal
  /** Additional request headers, such as Authorization or Origin. They cannot replace the headers of the upgrade itself. */
  readonly headers?: Readonly<Record<string, string>>
  /** CA certificates to trust for `wss:`. Default: the platform's. */
  readonly ca?: SecureContextOptions['ca']
  /** Name that the certificate must have for `wss:`. Default: the URL's host. */
  readonly serverName?: string
  /** IP address to connect to, if the host was already resolved. Everything else follows the URL. */
  readonly ipAddress?: string
  /**
   * HTTP proxy to go through, `http://user:password@host:port` or `https://…`; `false` for none. Default: the environment's
   * `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. The proxy resolves the host.
   */
  readonly proxy?: string | false
  /** The subprotocol to offer. Default: `stt.v1`. */
  readonly subprotocol?: string
  /** The other end as text for people. Default: the address. */
  readonly remote?: string
  /** Limits that differ from the defaults. */
  readonly limits?: Partial<WebSocketLimits>
  /** Timers for deadlines. Default: the platform's. */
  readonly timers?: Timers
}

/** Options of `listenWebSocket`. */
export interface ListenWebSocketOptions {
  /** The path to accept; a query is ignored. Default: `/`. */
  readonly path?: string
  /** Origins of pages that may connect, such as `https://example.org`. Default: all. */
  readonly origins?: readonly string[]
  /**
   * Reads the client's address from a request, from a header that a proxy in front sets. The limits by address then count
   * the clients. Undefined means the connection's own address. The listener refuses the request if this throws or answers
   * anything else.
   */
  readonly clientAddress?: (request: IncomingMessage) => string | undefined
  /** Accepted subprotocols, the preferred one first; a link's origin has the agreed one. Default: `['stt.v1']`. */
  readonly subprotocols?: readonly string[]
  /** Answers requests other than upgrades within `limits.headerTimeout`; not with `server`. Default: status 426. */
  readonly onRequest?: (request: IncomingMessage, response: ServerResponse) => void
  /** Called with an error that `clientAddress`, `onRequest` or `onLink` threw. Default: a process warning. */
  readonly onFault?: (cause: unknown) => void
  /** Limits that differ from the defaults. */
  readonly limits?: Partial<WebSocketLimits>
  /** Timers for deadlines. Default: the platform's. */
  readonly timers?: Timers
  /** Address to bind. Default: `127.0.0.1`, which only this machine reaches. */
  readonly host?: string
  /** Port to bind. Default: 0, which lets the system choose. */
  readonly port?: number
  /** An `http` or `https` server to share instead of opening a port. Its owner starts and closes it. */
  readonly server?: HttpServer | HttpsServer
  /** Certificate and key, to serve `wss://` on the listener's own port. A shared server has its own. */
  readonly tls?: TlsOptions
}

/** Every option of dialing and listening. */
export type WebSocketOptions = DialWebSocketOptions & ListenWebSocketOptions

/**
 * Refuses options that cannot work before anything is dialed or bound: an unknown name, a value of the wrong type or out of
 * range, a header that HTTP does not allow.
 *
 * @param what the owner of the options, as an error names it: "ws"
 * @param known the names that this owner takes
 * @throws SttError `STT_INVALID_ARGUMENT`, which names the option
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
    throw invalid('give either server or tls: a shared https server has its own certificate')
  }
  if (options.onRequest && options.server) {
    throw invalid('give either server or onRequest: a shared server answers its other requests itself')
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
    // This reads the first certificate of each. TLS would ignore text that is no certificate.
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
  // Recognized by its methods, as every runtime has HTTP servers of its own. A server of node:net has them too, but no upgrades.
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
    // The message of OpenSSL contains no byte of the key.
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
