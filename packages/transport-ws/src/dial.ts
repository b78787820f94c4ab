import { randomBytes } from 'node:crypto'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type Socket } from 'node:net'
import { connect as secureConnect } from 'node:tls'
import { abortError, isSttError, onAbort, SttError } from '@stt/errors'
import { parseWebSocketUrl, type WebSocketTarget } from './address.ts'
import { resolveLimits, type WebSocketLimits } from './limits.ts'
import { full } from './link-errors.ts'
import { http } from './node-http.ts'
import { type OutgoingProxy, outgoingProxy } from './outgoing-proxy.ts'
import { SUBPROTOCOL } from './subprotocol.ts'
import { systemTimers } from './timers.ts'
import { requestTunnel, tunnelled } from './tunnel.ts'
import { LIMIT_HEADER } from './upgrade/request.ts'
import { refuseResponse, requestHeaders } from './upgrade/response.ts'
import { DuplexLink, type WebSocketLink } from './websocket-link.ts'
import { checkWebSocketOptions, DIAL_OPTIONS, type DialWebSocketOptions } from './websocket-options.ts'

/**
 * Opens a WebSocket that carries STT packets.
 *
 * Rejects with `STT_BAD_ADDRESS`, `STT_INVALID_ARGUMENT` (unusable headers or certificates), `STT_CONNECT_FAILED` (no listener
 * at the address, or TLS failed), `STT_WEBSOCKET_UPGRADE` (the server speaks no STT; `details.status`), `STT_BUSY` (the
 * listener has no place; `details.limit` if it named one), `STT_ABORTED` or `STT_TIMEOUT`.
 *
 * @param address `ws://host:port/path` or `wss://…`
 */
export async function dialWebSocket(address: string, options: DialWebSocketOptions = {}): Promise<WebSocketLink> {
  checkWebSocketOptions(options, 'dialWebSocket', DIAL_OPTIONS)
  const target = parseWebSocketUrl(address)
  const what = `connect to ${address}`
  const { signal, timers = systemTimers } = options
  if (signal?.aborted) throw abortError(signal, what)
  const limits = resolveLimits(options.limits)
  const key = randomBytes(16).toString('base64')
  let current: ClientRequest | undefined
  let failure: SttError | undefined
  const giveUp = (error: SttError): void => {
    failure ??= error
    current?.destroy(error)
  }
  const begin = (request: ClientRequest): ClientRequest => {
    current = request
    return failure ? request.destroy(failure) : request
  }
  const deadline = timers.set(() => {
    giveUp(unanswered(address, `for ${limits.dialTimeout / 1_000} s`))
  }, limits.dialTimeout)
  const leave = signal && onAbort(signal, () => giveUp(gaveUp(signal, address)))
  try {
    const proxy = proxyFor(target, options.proxy)
    const tunnel = proxy && (await openTunnel(target, proxy, limits, options, begin))
    const request = begin(sendRequest(target, key, limits, options, tunnel))
    const { socket, head } = await upgrade(request, address, headers =>
      refuseResponse(headers, key, options.subprotocol ?? SUBPROTOCOL),
    )
    socket.setNoDelay(true)
    return new DuplexLink(socket, head, { role: 'client', remote: options.remote ?? address, limits, timers })
  } finally {
    timers.clear(deadline)
    leave?.()
  }
}

/**
 * Finds the proxy that a WebSocket to `address` goes through, which then resolves the host; undefined if there is none. User and
 * password of the proxy are left out.
 *
 * @param address `ws://…` or `wss://…`
 * @throws SttError as `dialWebSocket` rejects, if the option or variable is no proxy URL
 */
export function proxyOf(address: string, { proxy }: Pick<DialWebSocketOptions, 'proxy'> = {}): NamedProxy | undefined {
  const found = proxyFor(parseWebSocketUrl(address), proxy)
  return found && { host: found.url.host, from: found.from }
}

/** An HTTP proxy, without its user and password. */
export interface NamedProxy {
  /** Host, and the port unless it is the default one: `proxy.example:3128`. */
  readonly host: string
  /** The option or variable that names the proxy: `HTTPS_PROXY`. */
  readonly from: string
}

/** A proxy cannot reach an address with a zone: it is on a network of this machine. */
const proxyFor = ({ url, zone }: WebSocketTarget, option: string | false | undefined): OutgoingProxy | undefined =>
  zone === undefined ? outgoingProxy(url, option, process.env) : undefined

function openTunnel(
  { url }: WebSocketTarget,
  proxy: OutgoingProxy,
  { maxHeaderSize }: WebSocketLimits,
  { ca }: DialWebSocketOptions,
  begin: (request: ClientRequest) => ClientRequest,
): Promise<Socket> {
  const authority = `${url.hostname}:${url.port || (url.protocol === 'wss:' ? 443 : 80)}`
  const options = { authority, ca, maxHeaderSize }
  return tunnelled(begin(requestTunnel(proxy, options)), proxy, options)
}

function sendRequest(
  { url, host }: WebSocketTarget,
  key: string,
  limits: WebSocketLimits,
  { ca, headers, ipAddress, serverName, subprotocol = SUBPROTOCOL }: DialWebSocketOptions,
  tunnel: Socket | undefined,
): ClientRequest {
  const secure = url.protocol === 'wss:'
  // A certificate names a host, not the address that it resolved to. An IP address is no server name (RFC 6066 §3).
  const servername = serverName ?? (isIP(host) === 0 ? host : '')
  const trusted = ca === undefined ? {} : { ca }
  try {
    const request = (secure && !tunnel ? httpsRequest : http.request)({
      host: ipAddress ?? host,
      port: url.port || (secure ? 443 : 80),
      path: url.pathname + url.search,
      headers: { Host: url.host, ...headers, ...requestHeaders(key, subprotocol) },
      // Node refuses a head whose size equals its limit.
      maxHeaderSize: limits.maxHeaderSize + 1,
      ...(tunnel
        ? {
            createConnection: () => (secure ? secureConnect({ socket: tunnel, host, servername, ...trusted }) : tunnel),
          }
        : { agent: false }),
      // One address is one attempt: a caller with several addresses tries them itself.
      ...(ipAddress === undefined ? {} : { autoSelectFamily: false }),
      ...trusted,
      ...(secure ? { servername } : {}),
    })
    request.end()
    return request
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new SttError('STT_INVALID_ARGUMENT', `the headers or certificates to dial with cannot be used: ${why}`, {
      cause,
    })
  }
}

function upgrade(
  request: ClientRequest,
  address: string,
  problemOf: (headers: IncomingMessage['headers']) => string | undefined,
): Promise<{ socket: Socket; head: Uint8Array }> {
  return new Promise((resolve, reject) => {
    const refuse = (why: string, status: number): void => {
      reject(
        new SttError('STT_WEBSOCKET_UPGRADE', `${address} is not an STT listener: ${why}`, { details: { status } }),
      )
      request.destroy()
    }
    request.once('upgrade', (response: IncomingMessage, socket: Socket, head: Uint8Array) => {
      const problem = problemOf(response.headers)
      if (problem === undefined) return resolve({ socket, head })
      refuse(problem, 101)
      // The socket has no owner any more, and an error event without a listener would end the process.
      socket.on('error', () => socket.destroy())
      socket.destroy()
    })
    request.once('response', response => {
      const { statusCode = 0, headers } = response
      const limit = FULL[statusCode]
      if (limit === undefined) return refuse(`HTTP status ${statusCode}, ${whatToDo(statusCode)}`, statusCode)
      // spec: STT-WS-28 (a full proxy names no limit)
      reject(full(address, { limit: headers[LIMIT_HEADER], otherwise: limit }, { status: statusCode }))
      request.destroy()
    })
    // The listener stays for the life of the request, so that a second error does not become an uncaught one.
    request.on('error', (cause: Error) => {
      if (isSttError(cause)) reject(cause)
      else reject(new SttError('STT_CONNECT_FAILED', connectFailure(address, cause), { cause }))
    })
  })
}

function whatToDo(status: number): string {
  if (status === 401 || status === 403) return 'it wants credentials or another Origin: give them as headers'
  return 'no STT listener is there: check host, port and path'
}

function connectFailure(address: string, cause: Error): string {
  const { code } = cause as NodeJS.ErrnoException
  if (code === 'ECONNREFUSED')
    return `nothing listens at ${address}: check that the other side runs, the host and the port`
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `the host name in ${address} could not be resolved`
  const help = code === undefined ? undefined : HELP[code]
  return `could not connect to ${address}: ${cause.message}${help === undefined ? '' : `. ${help}`}`
}

/** The error of a dial whose signal aborted. */
function gaveUp(signal: AbortSignal, address: string): SttError {
  const error = abortError(signal, `connect to ${address}`)
  return error.code === 'STT_TIMEOUT' ? unanswered(address, 'in the time that the signal allowed', error.cause) : error
}

function unanswered(address: string, howLong: string, cause?: unknown): SttError {
  const message = `nothing accepted a connection to ${address} ${howLong}. Three causes are likely: the machine is not running, the address is wrong, or something between drops the packets`
  return new SttError('STT_TIMEOUT', message, cause === undefined ? {} : { cause })
}

const NOT_TRUSTED = 'The signer of its certificate is not trusted here: give that CA as ca'

const HELP: Readonly<Record<string, string>> = {
  ECONNRESET: 'The connection was cut before an answer came: check the port, and whether ws:// or wss:// is right',
  EPROTO: 'The server speaks no TLS: is it ws://?',
  ERR_SSL_WRONG_VERSION_NUMBER: 'The server speaks no TLS: is it ws://?',
  ERR_TLS_CERT_ALTNAME_INVALID: 'Dial a name that its certificate has, or give that name as serverName',
  CERT_HAS_EXPIRED: 'Its certificate has to be renewed',
  DEPTH_ZERO_SELF_SIGNED_CERT: NOT_TRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: NOT_TRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: NOT_TRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: NOT_TRUSTED,
}

/** The limit of a listener that an HTTP status stands for. spec: STT-WS-5 */
const FULL: Readonly<Record<number, string>> = {
  429: 'at its limit of connections from one address',
  503: 'at its limit of connections',
}
