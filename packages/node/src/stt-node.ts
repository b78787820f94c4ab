import { Identity, randomBytes } from '@stt/crypto'
import { SttError } from '@stt/errors'
import { connectionIdKey } from '@stt/frame'
import type { HandshakeResult } from '@stt/handshake'
import { dialWebSocket, listenWebSocket, type WebSocketListener } from '@stt/transport-ws'
import { type AcceptedLink, Acceptor } from './accept.ts'
import { badAddress, parseAddress } from './address.ts'
import { AsyncQueue } from './async-queue.ts'
import { type DialOptions, dialOver } from './dial.ts'
import { establish } from './establish.ts'
import { createHandshakeCounters, type NodeContext } from './node-context.ts'
import { type NodeOptions, resolveLimits, resolveSeeds, transportLimits } from './options.ts'
import type { Session } from './session.ts'
import type { NodeStatistics } from './statistics.ts'

/** A program's place in STT: it listens, dials, and holds the sessions with its peers. */
export class STTNode {
  readonly #context: NodeContext
  readonly #options: NodeOptions
  readonly #listeners: WebSocketListener[] = []
  readonly #sessions = new Set<Session>()
  readonly #incoming = new AsyncQueue<Session>('node.sessions()')
  readonly #handlers = new Set<(session: Session) => unknown>()
  readonly #connectionIds = new Set<string>()
  #pendingHandshakes = 0
  #sessionsOpened = 0
  #closing: Promise<void> | undefined

  private constructor(options: NodeOptions) {
    const limits = resolveLimits(options.limits)
    const [first, ...others] = resolveSeeds(options)
    this.#options = options
    this.#context = {
      identity: options.identity ?? Identity.generate(),
      keys: [first.deriveKeys(), ...others.map(seed => seed.deriveKeys())],
      limits,
      transportLimits: transportLimits(limits),
      metadata: options.metadata,
      keepAlive: options.keepAlive ?? DEFAULT_KEEP_ALIVE,
      counters: createHandshakeCounters(),
      newConnectionId: () => this.#newConnectionId(),
      releaseConnectionId: id => void this.#connectionIds.delete(connectionIdKey(id)),
    }
  }

  /**
   * Makes a node and binds every address of `listen`: all of them, or none and an error.
   *
   * Rejects with `STT_INVALID_ARGUMENT`, `STT_BAD_ADDRESS`, `STT_ADDRESS_IN_USE` or `STT_LISTEN_FAILED`.
   */
  static async create(options: NodeOptions): Promise<STTNode> {
    const node = new STTNode(options)
    try {
      for (const address of options.listen ?? []) await node.#listen(address)
    } catch (error) {
      await node.close()
      throw error
    }
    return node
  }

  /** Node id, 32 bytes: what peers see of this node, proved in each handshake. */
  get id(): Uint8Array {
    return this.#context.identity.id
  }

  /** Where this node can be dialed, with the ports that were taken. */
  get addresses(): readonly string[] {
    return this.#listeners.map(listener => listener.address)
  }

  /**
   * Opens a session with the node at `address`; of several addresses the first that answers.
   *
   * Rejects with the last address's error: `STT_TIMEOUT` (nobody who holds the seed answered), `STT_CONNECT_FAILED`,
   * `STT_PEER_REFUSED`, `STT_BUSY`, `STT_BAD_ADDRESS`, `STT_ABORTED`.
   */
  async connect(address: string | readonly string[], options: DialOptions = {}): Promise<Session> {
    const addresses = typeof address === 'string' ? [address] : address
    let failure: unknown = new SttError('STT_INVALID_ARGUMENT', 'connect needs at least one address')
    for (const each of addresses) {
      try {
        return await this.#dial(each, options)
      } catch (error) {
        if (options.signal?.aborted || this.#closing) throw error
        failure = error
      }
    }
    throw failure
  }

  /** The sessions that peers open, as they come; ends when the node closes. */
  sessions(): AsyncIterable<Session> {
    return this.#incoming
  }

  /**
   * Calls `handler` with each session that a peer opens from now on. A handler that throws or rejects closes its
   * session with code 1, and nothing else.
   *
   * @returns what takes the handler away again
   */
  onSession(handler: (session: Session) => unknown): () => void {
    this.#handlers.add(handler)
    return () => void this.#handlers.delete(handler)
  }

  getStatistics(): NodeStatistics {
    return Object.freeze({
      sessions: this.#sessions.size,
      sessionsOpened: this.#sessionsOpened,
      pendingHandshakes: this.#pendingHandshakes,
      ...this.#context.counters,
    })
  }

  /** Closes every session (what was written is delivered first, within the deadline) and every listener. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#sessions].map(session => session.close()))
    await Promise.all(this.#listeners.map(listener => listener.close()))
    this.#incoming.close()
  }

  async #listen(text: string): Promise<void> {
    const { scheme, host, port, path } = parseAddress(text)
    if (scheme !== 'ws') throw badAddress(text, 'a node listens on ws:// addresses')
    const listener = await listenWebSocket({ ...this.#options.ws, host, port, path })
    listener.onLink = link => this.#accept(link)
    this.#listeners.push(listener)
  }

  async #dial(text: string, options: DialOptions): Promise<Session> {
    if (this.#closing) throw closed()
    const { scheme } = parseAddress(text)
    if (scheme === 'udp') throw badAddress(text, 'this version dials ws:// and wss:// addresses')
    if (this.#sessions.size >= this.#context.limits.sessions) throw sessionLimit(this.#context.limits.sessions)
    const link = await dialWebSocket(text, options.signal ? { signal: options.signal } : {})
    try {
      return await dialOver(link, this.#context, options, result => {
        if (this.#closing) throw closed()
        return this.#open(result, link)
      })
    } catch (error) {
      link.close()
      throw error
    }
  }

  /** Runs a handshake on a link that was accepted. The link's own deadlines end it when nothing comes. */
  #accept(link: AcceptedLink): void {
    if (this.#closing || this.#pendingHandshakes >= this.#context.limits.pendingHandshakes) return link.close()
    this.#pendingHandshakes++
    const acceptor = new Acceptor(
      link,
      this.#context,
      () => !this.#closing && this.#sessions.size < this.#context.limits.sessions,
      result => {
        settle()
        this.#announce(this.#open(result, link))
      },
    )
    const expiry = setTimeout(() => link.close(), this.#context.limits.handshakeTimeout)
    const settle = (): void => {
      clearTimeout(expiry)
      this.#pendingHandshakes--
    }
    link.onClose = () => {
      acceptor.dispose()
      settle()
    }
  }

  #open(result: HandshakeResult, link: AcceptedLink | Parameters<typeof establish>[1]): Session {
    const session = establish(result, link, this.#context, closedSession => {
      this.#sessions.delete(closedSession)
      this.#incoming.remove(closedSession)
      this.#connectionIds.delete(connectionIdKey(result.localCid))
    })
    this.#sessions.add(session)
    this.#sessionsOpened++
    return session
  }

  /** Never inside a call of the application's: a link's packet, or nothing, is what it runs in. */
  #announce(session: Session): void {
    if (this.#handlers.size === 0) return this.#incoming.push(session)
    for (const handler of this.#handlers) {
      Promise.resolve(session)
        .then(handler)
        .catch((cause: unknown) => {
          void session.close({ code: HANDLER_FAILED, reason: 'the session handler failed' })
          process.emitWarning(
            new SttError('STT_CLOSED', 'an onSession handler failed; its session was closed', { cause }),
          )
        })
    }
  }

  #newConnectionId(): Uint8Array {
    for (;;) {
      const id = randomBytes(8)
      const key = connectionIdKey(id)
      if (this.#connectionIds.has(key)) continue
      this.#connectionIds.add(key)
      return id
    }
  }
}

const closed = (): SttError => new SttError('STT_CLOSED', 'this node is closed: create another')
const sessionLimit = (limit: number): SttError =>
  new SttError('STT_LIMIT', `this node holds ${limit} sessions, its limit: close some, or raise limits.sessions`)

const HANDLER_FAILED = 1
const DEFAULT_KEEP_ALIVE = 15_000
