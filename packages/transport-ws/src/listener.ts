import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { Server as TlsServer } from 'node:tls'
import { formatAddress } from './address.ts'
import { Admission } from './admission.ts'
import { defaultLimits, type WebSocketLimits } from './limits.ts'
import { SocketLink, type WebSocketLink } from './socket-link.ts'
import { systemTimers, type Timers } from './timers.ts'
import { formatAcceptance, formatRefusal, refuseRequest, type UpgradeRefusal } from './upgrade/request.ts'

export interface WebSocketListenerOptions {
  /** The only path that is taken; the query is not looked at. Default `/`. */
  readonly path?: string
  /** Pages that may connect, as the browser's Origin header names them: `https://example.org`. Without it: all. */
  readonly origins?: readonly string[]
  /** Whose place a connection takes, when a proxy stands in front: the proxy's own header, read from the request. */
  readonly clientAddress?: (request: IncomingMessage) => string | undefined
  readonly limits?: Partial<WebSocketLimits>
  readonly timers?: Timers
}

export interface WebSocketListenerStatistics {
  /** Links that are open now. */
  readonly links: number
  readonly accepted: number
  /** Upgrades and connections that were refused, for whatever reason. */
  readonly refused: number
}

export interface WebSocketListener {
  /** Called with each new link; set its handlers before you return. Until it is set, links are closed. */
  onLink: (link: WebSocketLink) => void
  /** Where to dial: `ws://127.0.0.1:40123`, `wss://` on a TLS server; empty until the server listens. */
  readonly address: string
  getStatistics(): WebSocketListenerStatistics
  /** Takes no more connections and closes every link; resolves when the last one ended. A server that was given goes on. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Makes links of the upgrade requests of an HTTP server, its own or somebody else's. */
export class HttpListener implements WebSocketListener {
  onLink: (link: WebSocketLink) => void = link => link.close()

  readonly #server: HttpServer
  readonly #owned: boolean
  readonly #path: string
  readonly #options: WebSocketListenerOptions
  readonly #limits: WebSocketLimits
  readonly #timers: Timers
  readonly #admission: Admission
  readonly #admitted = new WeakSet<Duplex>()
  readonly #headerDeadlines = new WeakMap<Duplex, unknown>()
  readonly #links = new Map<WebSocketLink, Duplex>()
  #accepted = 0
  #refused = 0

  /** @param owned whether the server is the listener's own, with nothing else on it */
  constructor(server: HttpServer, owned: boolean, options: WebSocketListenerOptions) {
    this.#server = server
    this.#owned = owned
    this.#path = options.path ?? '/'
    this.#options = options
    this.#limits = { ...defaultLimits, ...options.limits }
    this.#timers = options.timers ?? systemTimers
    this.#admission = new Admission(this.#limits.maxLinks, this.#limits.maxLinksPerAddress)
    server.on('upgrade', this.#onUpgrade)
    if (!owned) return
    server.on('connection', this.#onConnection)
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
    return { links: this.#links.size, accepted: this.#accepted, refused: this.#refused }
  }

  async close(): Promise<void> {
    this.#server.off('upgrade', this.#onUpgrade)
    const gone = [...this.#links.values()].map(
      socket => new Promise<void>(resolve => socket.once('close', () => resolve())),
    )
    for (const link of this.#links.keys()) link.close()
    if (this.#owned) {
      gone.push(new Promise(resolve => this.#server.close(() => resolve())))
      this.#server.closeAllConnections()
    }
    await Promise.all(gone)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Own server only: a place is taken and the deadline runs from the first byte on, not only from the upgrade. */
  readonly #onConnection = (socket: Socket): void => {
    if (!this.#options.clientAddress) {
      const refusal = this.#admit(socket, socket.remoteAddress ?? '')
      if (refusal) {
        this.#refuse(socket, refusal)
        return
      }
    }
    // spec: STT-WS-6
    const deadline = this.#timers.set(() => this.#refuse(socket, TOO_SLOW), this.#limits.headerTimeout)
    this.#headerDeadlines.set(socket, deadline)
    socket.once('close', () => this.#timers.clear(deadline))
  }

  readonly #onRequest = (_request: IncomingMessage, response: ServerResponse): void => {
    this.#refused++
    response.writeHead(426, { Upgrade: 'websocket', Connection: 'close' }).end('this port speaks WebSocket\n')
  }

  readonly #onClientError = (error: NodeJS.ErrnoException, socket: Duplex): void => {
    this.#refuse(socket, error.code === 'HPE_HEADER_OVERFLOW' ? HEADERS_TOO_LARGE : MALFORMED)
  }

  readonly #onUpgrade = (request: IncomingMessage, socket: Duplex, head: Uint8Array): void => {
    const path = (request.url ?? '').split('?', 1)[0]
    if (path !== this.#path) {
      // Another listener of the server may want it; where there is none, nobody else would answer.
      if (this.#owned || this.#server.listenerCount('upgrade') === 1) this.#refuse(socket, NOT_FOUND)
      return
    }
    this.#timers.clear(this.#headerDeadlines.get(socket))
    const address = this.#options.clientAddress?.(request) ?? request.socket.remoteAddress ?? ''
    const refusal = refuseRequest(request, this.#options.origins) ?? this.#admit(socket, address)
    if (refusal) this.#refuse(socket, refusal)
    else this.#accept(request, socket, head, address)
  }

  #accept(request: IncomingMessage, socket: Duplex, head: Uint8Array, address: string): void {
    // Deadlines are the link's from now on, and a packet must not wait for another.
    request.socket.setTimeout(0).setNoDelay(true)
    socket.write(formatAcceptance(request))
    const link = new SocketLink(socket, head, {
      role: 'server',
      remote: formatAddress(this.#scheme, address, request.socket.remotePort ?? 0),
      limits: this.#limits,
      timers: this.#timers,
    })
    this.#accepted++
    this.#links.set(link, socket)
    socket.once('close', () => this.#links.delete(link))
    this.onLink(link)
  }

  /** Gives the connection a place, unless it has one, or says why there is none. */
  #admit(socket: Duplex, address: string): UpgradeRefusal | undefined {
    if (this.#admitted.has(socket)) return undefined
    const place = this.#admission.enter(address)
    if (place === 'full') return FULL
    if (place === 'address-full') return ADDRESS_FULL
    this.#admitted.add(socket)
    socket.once('close', place)
    return undefined
  }

  /** Answers and ends the connection, whether the other end takes the answer or not. */
  #refuse(socket: Duplex, refusal: UpgradeRefusal): void {
    this.#refused++
    // How a refused connection ends is nobody's concern, but an error without a listener would end the process.
    socket.on('error', () => socket.destroy())
    socket.end(formatRefusal(refusal), () => socket.destroy())
  }
}

const FULL: UpgradeRefusal = { status: 503, message: 'no place is free' }
const ADDRESS_FULL: UpgradeRefusal = { status: 429, message: 'your address holds too many connections' }
const TOO_SLOW: UpgradeRefusal = { status: 408, message: 'the request took too long' }
const NOT_FOUND: UpgradeRefusal = { status: 404, message: 'no WebSocket is here' }
const MALFORMED: UpgradeRefusal = { status: 400, message: 'this is not an HTTP request' }
const HEADERS_TOO_LARGE: UpgradeRefusal = { status: 431, message: 'the request head is too large' }
