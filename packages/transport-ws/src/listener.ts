import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { TLSSocket, Server as TlsServer } from 'node:tls'
import { checkOptions, describe, SttError } from '@stt/errors'
import { formatAddress } from './address.ts'
import { Admission, type Place, type PlaceLimit } from './admission.ts'
import { resolveLimits, type WebSocketLimits } from './limits.ts'
import { isBehindProxy } from './proxy.ts'
import { answersFor, leavePath, takePath } from './shared-paths.ts'
import { SUBPROTOCOL } from './subprotocol.ts'
import { systemTimers, type Timers } from './timers.ts'
import { type TlsOptions, TlsSockets } from './tls-sockets.ts'
import { formatAcceptance, formatRefusal, judgeRequest, LIMIT_HEADER, type UpgradeRefusal } from './upgrade/request.ts'
import { DuplexLink, type WebSocketLink } from './websocket-link.ts'
import type { ListenWebSocketOptions } from './websocket-options.ts'

export interface WebSocketListenerStatistics {
  /** Links that are open now. */
  readonly links: number
  /** Connections, upgraded or not, that have proved nothing yet, and those that wait for such a place. */
  readonly unproved: number
  readonly waiting: number
  /** Those that lost their place to a new one, because nothing came on them. */
  readonly evicted: number
  readonly accepted: number
  /** Upgrades and connections that were refused, for whatever reason. */
  readonly refused: number
}

/** What a listener knows of a link's other end beyond its address. */
export interface WebSocketOrigin {
  /** Whether the address is a proxy's, of which nobody said whom it speaks for (`clientAddress`): many may be behind it. */
  readonly isShared: boolean
  /** Where it comes from, or what `clientAddress` said. */
  readonly address: string
  /** The port that it comes from; a proxy's, where there is one. */
  readonly port: number
  /** The one that was agreed. */
  readonly subprotocol: string
}

export interface WebSocketListener {
  /** Called with each new link; set its handlers before you return. Until it is set, links are closed. */
  onLink: (link: WebSocketLink, origin: WebSocketOrigin) => void
  /** Where to dial: `ws://127.0.0.1:40123`, `wss://` on a TLS server; empty until the server listens. */
  readonly address: string
  getStatistics(): WebSocketListenerStatistics
  /**
   * Takes another certificate for the connections that come from now on; those that are there stay.
   *
   * @throws SttError `STT_INVALID_ARGUMENT` for what is none, or has another key, and then the one before stays;
   *   `STT_INVALID_STATE` where the listener has no TLS of its own
   */
  renewTls(tls: TlsOptions): void
  /** Refuses upgrades from now on, with status 503: a proxy in front takes another server. Links that are there stay. */
  refuseNew(): void
  /** Takes no more connections and closes every link; resolves when the last one ended. A server that was given goes on. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Makes links of the upgrade requests of an HTTP server, its own or somebody else's. */
export class HttpListener implements WebSocketListener {
  onLink: (link: WebSocketLink, origin: WebSocketOrigin) => void = link => link.close()

  readonly #server: HttpServer
  readonly #owned: boolean
  readonly #path: string
  readonly #options: ListenWebSocketOptions
  readonly #limits: WebSocketLimits
  readonly #timers: Timers
  readonly #admission: Admission
  readonly #places = new WeakMap<Duplex, Place>()
  readonly #deadlines = new WeakMap<Duplex, unknown>()
  readonly #links = new Map<WebSocketLink, Duplex>()
  /** Of its own TLS server. */
  readonly #tlsSockets: TlsSockets | undefined
  #isClosed = false
  #accepted = 0
  #refused = 0
  #refusesNew = false

  /** @param owned whether the server is the listener's own, with nothing else on it */
  constructor(server: HttpServer, owned: boolean, options: ListenWebSocketOptions) {
    this.#server = server
    this.#owned = owned
    this.#path = options.path ?? '/'
    this.#options = options
    this.#limits = resolveLimits(options.limits)
    this.#timers = options.timers ?? systemTimers
    this.#admission = new Admission(this.#limits, this.#timers)
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
    // Once it listens, an error is of one connection that could not be accepted; the others go on.
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
    const { unproved, waiting, evicted } = this.#admission
    return { links: this.#links.size, unproved, waiting, evicted, accepted: this.#accepted, refused: this.#refused }
  }

  renewTls(tls: TlsOptions): void {
    checkOptions(tls ?? null, 'renewTls', ['cert', 'key'])
    const { cert, key } = tls
    // Node would take nothing for a certificate, and then answer nobody.
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

  /** Own server only: a place is taken and the deadline runs from the first byte on, not only from the upgrade. */
  readonly #onConnection = (socket: Socket): void => {
    const limit = this.#enter(socket, this.#options.clientAddress ? undefined : (socket.remoteAddress ?? ''))
    if (limit) this.#refuse(socket, noPlace(limit))
    else this.#setDeadline(socket)
  }

  /** The same below TLS, where nothing can be answered yet. */
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
      // TLS itself failed: there is nothing to answer on.
      this.#refused++
      socket.destroy()
      return
    }
    this.#refuse(socket, error.code === 'HPE_HEADER_OVERFLOW' ? HEADERS_TOO_LARGE : MALFORMED)
  }

  readonly #onUpgrade = (request: IncomingMessage, socket: Duplex, head: Uint8Array): void => {
    const [path = ''] = (request.url ?? '').split('?', 1)
    if (path !== this.#path) {
      // Another listener of the server may want it; where there is none, nobody else would answer.
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
      // Nobody else listens now, and an error without a listener would end the process.
      socket.on('error', () => socket.destroy())
      this.#setDeadline(socket)
    }
    place.whenSeated(() => this.#accept(request, socket, head, { address, place, subprotocol }))
  }

  /** Undefined: the application's callback failed. */
  #addressOf(request: IncomingMessage): string | undefined {
    const own = request.socket.remoteAddress ?? ''
    try {
      const address: unknown = this.#options.clientAddress?.(request) ?? own
      if (typeof address === 'string') return address
      // Nobody waits for a promise: what it rejects with must not end the program.
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
    // Deadlines are the link's from now on, and a packet must not wait for another.
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

  /** Gives the connection a place, perhaps to wait in, or the limit that leaves none. */
  #enter(socket: Duplex, address: string | undefined): PlaceLimit | undefined {
    const place = this.#admission.enter(address, {
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

  /** Answers and ends the connection, whether the other end takes the answer or not. */
  #refuse(socket: Duplex, refusal: UpgradeRefusal): void {
    this.#refused++
    // How a refused connection ends is nobody's concern, but an error without a listener would end the process.
    socket.on('error', () => socket.destroy())
    socket.end(formatRefusal(refusal), () => socket.destroy())
  }
}

/** What its own limit is called lets a dialer tell it from a proxy's, and its user what to raise. */
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
const ADDRESS_FAILED = 'clientAddress, which is the program’s, failed, and the connection was refused: see the cause'
