import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { TLSSocket, Server as TlsServer } from 'node:tls'
import { checkOptions, describe, SttError } from '@stt/errors'
import { formatAddress } from './address.ts'
import { ConnectionPlaces, type Place, type PlaceLimit } from './connection-places.ts'
import { resolveLimits, type WebSocketLimits } from './limits.ts'
import { isBehindProxy } from './proxy.ts'
import { answersFor, leavePath, takePath } from './shared-paths.ts'
import { SUBPROTOCOL } from './subprotocol.ts'
import { systemTimers, type Timers } from './timers.ts'
import { type TlsOptions, TlsSockets } from './tls-sockets.ts'
import { formatAcceptance, formatRefusal, judgeRequest, LIMIT_HEADER, type UpgradeRefusal } from './upgrade/request.ts'
import { DuplexLink, type WebSocketLink } from './websocket-link.ts'
import type { ListenWebSocketOptions } from './websocket-options.ts'

/** Counters of a listener. */
export interface WebSocketListenerStatistics {
  /** Links that are open now. */
  readonly links: number
  /** Connections now before `confirm()`, upgraded or not. */
  readonly unproved: number
  /** Connections that wait now for a place. */
  readonly waiting: number
  /** Silent connections that lost their place to a new one, since the start. */
  readonly evicted: number
  /** Upgrades that became links, since the start. */
  readonly accepted: number
  /** Upgrades and connections that were refused for any reason, since the start. */
  readonly refused: number
}

/** The origin of an accepted link. */
export interface WebSocketOrigin {
  /** Whether the address is that of a proxy without a `clientAddress`, so that many clients may share it. */
  readonly isShared: boolean
  /** IP address of the client, or the answer of `clientAddress`. */
  readonly address: string
  /** Port of the client, or of the proxy in front. */
  readonly port: number
  /** The agreed subprotocol. */
  readonly subprotocol: string
}

/** Accepts links over WebSocket. */
export interface WebSocketListener {
  /** Called with each new link; set the link's handlers before you return. Links are closed as long as this is not set. */
  onLink: (link: WebSocketLink, origin: WebSocketOrigin) => void
  /** The address to dial, `ws://127.0.0.1:40123` or `wss://…`; empty until the server listens. */
  readonly address: string
  /** Counters up to now. */
  getStatistics(): WebSocketListenerStatistics
  /**
   * Uses another certificate for new connections. Existing connections stay.
   *
   * @throws SttError `STT_INVALID_ARGUMENT` if certificate and key cannot be used, and then the previous ones stay;
   *   `STT_INVALID_STATE` if the listener has no TLS of its own
   */
  renewTls(tls: TlsOptions): void
  /** Refuses upgrades from now on with status 503, so that a proxy in front picks another server. Existing links stay. */
  refuseNew(): void
  /** Accepts no more connections and closes every link; resolves when the last one has ended. A shared server keeps running. */
  close(): Promise<void>
  /** Same as `close`. */
  [Symbol.asyncDispose](): Promise<void>
}

/** Turns the upgrade requests of an HTTP server, its own or a shared one, into links. */
export class HttpListener implements WebSocketListener {
  onLink: (link: WebSocketLink, origin: WebSocketOrigin) => void = link => link.close()

  readonly #server: HttpServer
  readonly #owned: boolean
  readonly #path: string
  readonly #options: ListenWebSocketOptions
  readonly #limits: WebSocketLimits
  readonly #timers: Timers
  readonly #connectionPlaces: ConnectionPlaces
  readonly #places = new WeakMap<Duplex, Place>()
  readonly #deadlines = new WeakMap<Duplex, unknown>()
  readonly #links = new Map<WebSocketLink, Duplex>()
  /** Set if the listener has a TLS server of its own. */
  readonly #tlsSockets: TlsSockets | undefined
  #isClosed = false
  #accepted = 0
  #refused = 0
  #refusesNew = false

  /** @param owned whether the server belongs to the listener and serves nothing else */
  constructor(server: HttpServer, owned: boolean, options: ListenWebSocketOptions) {
    this.#server = server
    this.#owned = owned
    this.#path = options.path ?? '/'
    this.#options = options
    this.#limits = resolveLimits(options.limits)
    this.#timers = options.timers ?? systemTimers
    this.#connectionPlaces = new ConnectionPlaces(this.#limits, this.#timers)
    if (!owned) takePath(server, this.#path)
    server.on('upgrade', this.#onUpgrade)
    if (!owned) return
    if (server instanceof TlsServer) {
      this.#tlsSockets = new TlsSockets(server, {
        onConnection: raw => this.#onRawConnection(raw),
        onSecure: (socket, raw) => this.#onSecureConnection(socket, raw),
      })
    } else server.on('connection', this.#onConnection)
    server.on('request', this.#onRequest)
    server.on('clientError', this.#onClientError)
    // Once the server listens, an error concerns one connection that could not be accepted; the others go on.
    server.on('error', () => this.#refused++)
  }

  get address(): string {
    const address = this.#server.address() as AddressInfo | string | null
    if (address === null || typeof address === 'string') return ''
    return formatAddress(this.#scheme, address.address, address.port, this.#path)
  }

  get #scheme(): 'ws' | 'wss' {
    return this.#server instanceof TlsServer ? 'wss' : 'ws'
  }

  getStatistics(): WebSocketListenerStatistics {
    const { unproved, waiting, evicted } = this.#connectionPlaces
    return { links: this.#links.size, unproved, waiting, evicted, accepted: this.#accepted, refused: this.#refused }
  }

  renewTls(tls: TlsOptions): void {
    checkOptions(tls ?? null, 'renewTls', ['cert', 'key'])
    const { cert, key } = tls
    // Node accepts a missing certificate here, and then no handshake succeeds.
    if (!cert || !key) throw new SttError('STT_INVALID_ARGUMENT', 'renewTls takes both, cert and key')
    if (!this.#owned || !(this.#server instanceof TlsServer)) {
      throw new SttError('STT_INVALID_STATE', 'this listener has no certificate: give tls when it is made, or renew that of the server that it shares') // biome-ignore format: one line
    }
    try {
      this.#server.setSecureContext({ cert, key })
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new SttError('STT_INVALID_ARGUMENT', `the certificate and key cannot be used: ${why}`, { cause })
    }
  }

  refuseNew(): void {
    this.#refusesNew = true
  }

  async close(): Promise<void> {
    this.#server.off('upgrade', this.#onUpgrade)
    if (!this.#owned && !this.#isClosed) leavePath(this.#server, this.#path)
    this.#isClosed = true
    const gone = [...this.#links.values()].map(
      socket => new Promise<void>(resolve => socket.once('close', () => resolve())),
    )
    for (const link of this.#links.keys()) link.close()
    if (this.#owned) {
      gone.push(new Promise(resolve => this.#server.close(() => resolve())))
      this.#server.closeAllConnections()
      this.#tlsSockets?.destroyAll()
    }
    await Promise.all(gone)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Own server only: the connection takes a place and the deadline starts at once, not only at the upgrade. */
  readonly #onConnection = (socket: Socket): void => {
    const limit = this.#enter(socket, this.#options.clientAddress ? undefined : (socket.remoteAddress ?? ''))
    if (limit) this.#refuse(socket, noPlace(limit))
    else this.#setDeadline(socket)
  }

  /** As `#onConnection`, but below TLS, where no answer can be sent yet. */
  #onRawConnection(raw: Socket): void {
    const limit = this.#enter(raw, this.#options.clientAddress ? undefined : (raw.remoteAddress ?? ''))
    if (!limit) return this.#setDeadline(raw, () => raw.destroy())
    this.#refused++
    raw.destroy()
  }

  #onSecureConnection(socket: Socket, raw: Socket): void {
    this.#places.set(socket, this.#places.get(raw)!)
    this.#deadlines.set(socket, this.#deadlines.get(raw))
  }

  readonly #onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const { onRequest } = this.#options
    if (onRequest) {
      try {
        return onRequest(request, response)
      } catch (cause) {
        this.#onFault(cause)
        return void response.destroy()
      }
    }
    this.#refused++
    response.writeHead(426, { Upgrade: 'websocket', Connection: 'close' }).end('this port speaks WebSocket\n')
  }

  readonly #onClientError = (error: NodeJS.ErrnoException, socket: Duplex): void => {
    if (socket instanceof TLSSocket && !this.#places.has(socket)) {
      // TLS itself failed, so no answer can be sent.
      this.#refused++
      socket.destroy()
      return
    }
    this.#refuse(socket, error.code === 'HPE_HEADER_OVERFLOW' ? HEADERS_TOO_LARGE : MALFORMED)
  }

  readonly #onUpgrade = (request: IncomingMessage, socket: Duplex, head: Uint8Array): void => {
    const [path = ''] = (request.url ?? '').split('?', 1)
    if (path !== this.#path) {
      // Another listener of the server may take it. If none does, one of them has to answer.
      if (this.#owned || answersFor(this.#server, this.#path, path)) this.#refuse(socket, NOT_FOUND)
      return
    }
    if (this.#refusesNew) return this.#refuse(socket, LEAVING)
    const address = this.#addressOf(request)
    if (address === undefined) return this.#refuse(socket, FAULT)
    const { origins, subprotocols = [SUBPROTOCOL] } = this.#options
    const subprotocol = judgeRequest(request, { origins, subprotocols })
    if (typeof subprotocol !== 'string') return this.#refuse(socket, subprotocol)
    if (!this.#places.has(socket) || this.#options.clientAddress) {
      this.#places.get(socket)?.leave()
      const limit = this.#enter(socket, address)
      if (limit) return this.#refuse(socket, noPlace(limit))
    }
    const place = this.#places.get(socket)!
    if (place.waitsFor) {
      // The socket has no other listener now, and an error event without one would end the process.
      socket.on('error', () => socket.destroy())
      this.#setDeadline(socket)
    }
    place.whenSeated(() => this.#accept(request, socket, head, { address, place, subprotocol }))
  }

  /** The client's address; undefined if the application's callback failed. */
  #addressOf(request: IncomingMessage): string | undefined {
    const own = request.socket.remoteAddress ?? ''
    try {
      const address: unknown = this.#options.clientAddress?.(request) ?? own
      if (typeof address === 'string') return address
      // The promise is not awaited, so its rejection is marked as handled: it must not end the program.
      if (address instanceof Promise) address.catch(() => {})
      throw new TypeError(`clientAddress has to give a text or undefined, not ${describe(address)}`)
    } catch (cause) {
      this.#onFault(
        new SttError('STT_INVALID_ARGUMENT', ADDRESS_FAILED, { cause, details: { option: 'clientAddress' } }),
      )
      return undefined
    }
  }

  #accept(
    request: IncomingMessage,
    socket: Duplex,
    head: Uint8Array,
    { address, place, subprotocol }: { address: string; place: Place; subprotocol: string },
  ): void {
    this.#timers.clear(this.#deadlines.get(socket))
    // The link has its own deadlines, and a packet must not wait for another one.
    request.socket.setTimeout(0).setNoDelay(true)
    socket.write(formatAcceptance(request, subprotocol))
    const port = request.socket.remotePort ?? 0
    const link = new DuplexLink(socket, head, {
      role: 'server',
      remote: formatAddress(this.#scheme, address, port),
      limits: this.#limits,
      timers: this.#timers,
      prove: () => place.prove(),
    })
    this.#accepted++
    this.#links.set(link, socket)
    socket.once('close', () => this.#links.delete(link))
    try {
      const isShared = !this.#options.clientAddress && isBehindProxy(request)
      this.onLink(link, { isShared, address, port, subprotocol })
    } catch (cause) {
      this.#onFault(cause)
      link.close()
    }
  }

  /** Gives the connection a place or lets it wait for one. @returns the limit if it can do neither */
  #enter(socket: Duplex, address: string | undefined): PlaceLimit | undefined {
    const place = this.#connectionPlaces.enter(address, {
      bytesRead: () => (socket as Partial<Socket>).bytesRead ?? 0,
      evict: () => void socket.destroy(),
    })
    if (typeof place === 'string') return place
    if (!this.#places.has(socket)) socket.once('close', () => this.#places.get(socket)?.leave())
    this.#places.set(socket, place)
    return undefined
  }

  /** spec: STT-WS-6 */
  #setDeadline(socket: Duplex, giveUp: () => void = () => this.#refuseLate(socket)): void {
    if (this.#deadlines.has(socket)) return
    const deadline = this.#timers.set(giveUp, this.#limits.headerTimeout)
    this.#deadlines.set(socket, deadline)
    socket.once('close', () => this.#timers.clear(deadline))
  }

  #refuseLate(socket: Duplex): void {
    const limit = this.#places.get(socket)?.waitsFor
    this.#refuse(socket, limit ? noPlace(limit) : TOO_SLOW)
  }

  #onFault(cause: unknown): void {
    if (this.#options.onFault) this.#options.onFault(cause)
    else process.emitWarning(cause instanceof Error ? cause : String(cause))
  }

  /** Answers and ends the connection, whether or not the other end reads the answer. */
  #refuse(socket: Duplex, refusal: UpgradeRefusal): void {
    this.#refused++
    // The end of a refused connection does not matter, but an error event without a listener would end the process.
    socket.on('error', () => socket.destroy())
    socket.end(formatRefusal(refusal), () => socket.destroy())
  }
}

/** The header names the limit: so a dialer can tell it from a proxy's, and the operator knows which option to raise. */
function noPlace(limit: PlaceLimit): UpgradeRefusal {
  const headers = { [LIMIT_HEADER]: limit }
  if (limit === 'maxLinks' || limit === 'maxUnproved') return { status: 503, message: 'no place is free', headers }
  return { status: 429, message: 'your address holds too many connections', headers }
}

const FAULT: UpgradeRefusal = { status: 500, message: 'something failed here' }
const LEAVING: UpgradeRefusal = { status: 503, message: 'this server is about to end' }
const TOO_SLOW: UpgradeRefusal = { status: 408, message: 'the request took too long' }
const NOT_FOUND: UpgradeRefusal = { status: 404, message: 'no WebSocket is here' }
const MALFORMED: UpgradeRefusal = { status: 400, message: 'this is not an HTTP request' }
const HEADERS_TOO_LARGE: UpgradeRefusal = { status: 431, message: 'the request head is too large' }
const ADDRESS_FAILED = 'clientAddress, a callback of the program, failed, and the connection was refused: see the cause'
