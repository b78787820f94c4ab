import { provider as defaultProvider, equalBytes, type Seed } from '@stt/crypto'
import { abortable, checkInteger, checkOptions, checkSignal, checkType, isSttError, SttError } from '@stt/errors'
import type { Link } from '@stt/frame'
import type { HandshakeResult, HandshakeRun, Verdict } from '@stt/handshake'
import type { QueueNode } from '@stt/stream'
import { type Address, addressesOf, parseAddress } from './address.ts'
import { type Connecting, connectAny } from './connect.ts'
import { type Deferred, deferred } from './deferred.ts'
import { type CheckedDial, checkDial, type DialOptions, dialOver, revokedPeer } from './dial.ts'
import type { Door } from './door.ts'
import { Endpoint } from './endpoint.ts'
import type { Environment } from './environment.ts'
import { establish } from './establish.ts'
import { fewWarnings } from './few-warnings.ts'
import { Guard } from './guard.ts'
import { guardedClock } from './guarded-clock.ts'
import { Handshakes } from './handshakes.ts'
import { Incoming } from './incoming.ts'
import { oneLine, shortHex, showAs } from './inspect.ts'
import { MemoryBudget } from './memory-budget.ts'
import type { NodeContext } from './node-context.ts'
import { NodeKeys } from './node-keys.ts'
import { loadLimits, resolveLimits, transportLimits } from './node-limits.ts'
import { type CommonOptions, resolveSeeds } from './options.ts'
import { type NodeId, nodeIdOf, resolvePeers } from './peers.ts'
import type { Turn } from './race.ts'
import { checkSeeds, type DatedSeed, SeedKeyring } from './seeds.ts'
import type { Session, SessionHandle } from './session.ts'
import type { SessionLimit, SessionPlaces } from './session-places.ts'
import type { NodeStatistics } from './statistics.ts'
import type { StrayPackets } from './stray-packets.ts'
import type { Stream } from './stream.ts'
import { untilFree } from './until-free.ts'

export interface DrainOptions {
  /** Milliseconds after which the sessions that are still at work are closed. Never unless given. */
  readonly deadline?: number
  /** Ends the waiting only: the node goes on draining. */
  readonly signal?: AbortSignal
}

/** What a node is on every platform; the platform's `STTNode` adds where its clock, links and randomness come from. */
export class NodeCore<S extends Stream = Stream> {
  static {
    showAs(NodeCore.prototype, node => node.#shown())
  }

  readonly #context: NodeContext<S>
  readonly #id: Uint8Array<ArrayBuffer>
  readonly #keys: NodeKeys
  readonly #listen: readonly string[]
  readonly #environment: Environment<S>
  readonly #doors: Door[] = []
  readonly #incoming = new Incoming<Session<S>>('node.sessions()', {
    onFailed: (session, cause) => this.#onHandlerFailed(session, cause),
    onTaken: session => this.#onTaken(session),
  })
  /** Sessions that peers opened and nobody has taken, each with its place in the queue. */
  readonly #untaken = new Map<Session<S>, QueueNode<Session<S>>>()
  /**
   * Of those, the ended ones, each with what gives its place back. They hold what was acknowledged to their peers, so
   * they count as sessions until they are taken.
   */
  readonly #ended = new Map<Session<S>, () => void>()
  /** Sessions that their peers ended and that absorb late packets for some seconds: they take nobody's place. */
  readonly #lingering = new Set<SessionHandle<S>>()
  /** The open sessions that peers opened. */
  readonly #accepted = new Set<SessionHandle<S>>()
  /** Set once no session is let in any more. */
  #drained: Deferred<void> | undefined
  readonly #connecting = new Set<Connecting<Session<S>>>()
  readonly #places: SessionPlaces | undefined
  readonly #addressPrefix: (address: string) => string
  readonly #limited: Record<SessionLimit, number> = { sessions: 0, sessionsPerPeer: 0, sessionsPerPrefix: 0, memory: 0 }
  readonly #warn: (error: Error) => void
  #sessionsOpened = 0
  readonly #strayPackets: StrayPackets | undefined
  #closing: Promise<void> | undefined

  /** @throws SttError `STT_INVALID_ARGUMENT` that says which option cannot work */
  protected constructor(options: CommonOptions, environment: Environment<S>) {
    const limits = resolveLimits(options.limits)
    const { entropy, wallClock } = environment
    const seeds = resolveSeeds(options, wallClock())
    const peers = resolvePeers(options.peers)
    const warn = fewWarnings(error => environment.warn(error), environment.clock)
    const guard = new Guard(warn)
    const clock = guardedClock(environment.clock, guard)
    const { provider = defaultProvider } = options
    this.#listen = options.listen ?? []
    this.#environment = environment
    this.#warn = warn
    const keyring = new SeedKeyring(provider, clock, limits.handshakeTimeout)
    this.#keys = new NodeKeys(seeds, options.identity, keyring, provider)
    const { identity } = this.#keys
    this.#id = identity.id
    const watcher = environment.watch?.(identity.id, warn)
    const listening = options.listen?.length ? environment.listening : undefined
    this.#strayPackets = listening?.createStrayPackets({
      identity,
      provider,
      entropy,
    })
    this.#places = listening?.createSessionPlaces(limits)
    this.#addressPrefix = listening?.addressPrefix ?? (() => '')
    const handshakes = this.#keys.orWiped(
      () =>
        new Handshakes({
          clock,
          wallClock,
          guard,
          watcher,
          manager: {
            seeds: this.#keys.seeds,
            identity,
            entropy,
            provider,
            limits: transportLimits(limits),
            metadata: options.metadata,
            requireHybrid: options.requireHybrid,
            timeout: limits.handshakeTimeout,
            isConnectionIdTaken: id => this.#context.endpoint.sessions.hasConnectionId(id),
            load: loadLimits(limits),
          },
          peers,
          authorize: options.authorize,
          verdictOn: (id, address) => this.#verdictOn(id, address),
          warn,
          listening,
        }),
    )
    this.#context = {
      clock,
      entropy,
      provider,
      limits,
      transportLimits: transportLimits(limits),
      metadata: options.metadata,
      keepAlive: options.keepAlive ?? DEFAULT_KEEP_ALIVE,
      handshakes,
      endpoint: new Endpoint({ clock, handshakes, strayPackets: this.#strayPackets, watcher }),
      watcher,
      memory: new MemoryBudget(limits.memory),
      guard,
      refuses: (id, address) => this.#refuses(id, address),
      open: (result, run, link, packets) => this.#open(result, run, link, packets),
      announce: ({ session }) => {
        const place = this.#incoming.push(session)
        if (place) this.#untaken.set(session, place)
      },
      createStream: environment.createStream,
      warn,
    }
  }

  /** Binds every address of `listen`: all of them, or none and an error. */
  protected async listen(): Promise<this> {
    try {
      for (const text of this.#listen) {
        const door = await this.#environment.openDoor(text, parseAddress(text), this.#context)
        this.#doors.push(door)
        this.#context.watcher?.onListening(door.address || text)
      }
    } catch (error) {
      await this.close()
      throw error
    }
    return this
  }

  /** Node id, 32 bytes: what peers see of this node, proved in each handshake. */
  get id(): Uint8Array<ArrayBuffer> {
    return this.#id
  }

  /** Where this node can be dialed, with the ports that were taken; of a `ws.server`, once that listens. */
  get addresses(): readonly string[] {
    return this.#doors.map(door => door.address).filter(address => address !== '')
  }

  /** The sessions that are open now, whoever opened them: none of them is taken by that. */
  get liveSessions(): readonly Session<S>[] {
    return [...this.#context.endpoint.handles].map(({ session }) => session).filter(({ state }) => state === 'active')
  }

  /**
   * Opens a session with the node at `address`; of several addresses the first that answers. Each has 250 ms before the
   * next is tried beside it, and the next follows at once where one fails. A name is tried with all its IP addresses.
   *
   * Rejects with `STT_TIMEOUT` (nobody who holds the seed answered), `STT_CONNECT_FAILED`, `STT_PEER_REFUSED`, `STT_BUSY`,
   * `STT_BAD_ADDRESS`, `STT_ABORTED`, `STT_CLOSED`. After several attempts the code is that of the one that came furthest,
   * the message lists each with its address, code and time, and `cause` is an `AggregateError` of them.
   */
  async connect(address: string | readonly string[], options: DialOptions = {}): Promise<Session<S>> {
    const dialing = checkDial(options)
    const addresses = addressesOf(address)
    if (this.#closing) throw closed()
    const connecting = connectAny(addresses, dialing.signal, {
      clock: this.#context.clock,
      resolve: this.#environment.resolve,
      dial: async (text, target, turn) => {
        try {
          return await this.#dial(text, target, dialing, turn)
        } catch (error) {
          this.#context.watcher?.onDialFailed(text, error)
          throw error
        }
      },
      discard: late => void late.close({ deadline: 0 }),
    })
    this.#connecting.add(connecting)
    try {
      return await connecting.session
    } finally {
      this.#connecting.delete(connecting)
    }
  }

  /**
   * The sessions that peers open, as they come; ends when the node closes. One that has ended before it was taken
   * comes all the same when its peer left streams or datagrams in it, and counts as one of `limits.sessions` until it
   * is taken: where that many wait, nobody is let in.
   */
  sessions(): AsyncIterable<Session<S>> {
    return this.#incoming.unread
  }

  /**
   * Calls `handler` with each session that a peer opens, those that nobody has taken yet included. A handler that
   * throws or rejects closes its session with code 1, and nothing else; that is told as a warning, unless the session
   * had ended and the handler let that through.
   *
   * @returns what takes the handler away again
   */
  onSession(handler: (session: Session<S>) => unknown): () => void {
    checkType(handler, 'the handler of onSession', 'function')
    return this.#incoming.add(handler)
  }

  /**
   * Lets no session in any more (whoever dials hears `STT_BUSY`) and lets those that peers have opened finish.
   * Resolves when the last of them has ended; sessions that this node dialed, and `connect`, go on. Then `close`.
   */
  async drain(options?: DrainOptions): Promise<void> {
    checkOptions(options, 'drain', ['deadline', 'signal'])
    const { deadline, signal } = options ?? {}
    if (deadline !== undefined) checkInteger(deadline, 'the deadline of drain', 0, LONGEST_TIMER)
    checkSignal(signal, 'drain')
    this.#drained ??= deferred()
    if (this.#accepted.size === 0) this.#drained.resolve()
    const { promise } = this.#drained
    const { clock } = this.#context
    const timer = deadline === undefined ? undefined : clock.setTimer(() => this.#closeAccepted(), deadline)
    try {
      await abortable(promise, signal, 'drain')
    } finally {
      if (timer !== undefined) clock.clearTimer(timer)
    }
  }

  /**
   * Replaces the seeds, as `seeds` of the options has them: the first that is not over dials, all of those are answered.
   * Sessions, and handshakes that have begun, go on with the seed that they began with.
   *
   * @throws SttError `STT_INVALID_ARGUMENT`, and the seeds are as they were; `STT_CLOSED`
   */
  setSeeds(seeds: readonly (Seed | DatedSeed)[]): void {
    if (this.#closing) throw closed()
    const checked = checkSeeds(seeds, this.#environment.wallClock())
    this.#context.handshakes.setSeeds(this.#keys.replaceSeeds(checked))
  }

  /**
   * Refuses the node with this id from now on, also in handshakes that are under way, and closes its sessions.
   *
   * Rejects with `STT_UNSUPPORTED` where every holder of the seed is let in: a revoked node would come back under a new id;
   * with `STT_TRUST_STORE` where the store failed: the id then stays refused until this node ends.
   */
  async revoke(id: NodeId): Promise<void> {
    const { policy } = this.#context.handshakes
    const revokedId = nodeIdOf(id, 'what revoke takes')
    const revoking = policy.revoke(revokedId)
    // Refused from the call on: no session with it can begin any more.
    const revoked = policy.permits(revokedId) ? [] : this.#context.endpoint.handlesOf(revokedId)
    try {
      await Promise.all([revoking, ...revoked.map(handle => cutOff(handle, REVOKED, 'revoked'))])
    } finally {
      if (!policy.permits(revokedId)) this.#forgetUntakenOf(revokedId)
    }
  }

  getStatistics(): NodeStatistics {
    const { dropped, ...handshakes } = this.#context.handshakes.getStatistics()
    return Object.freeze({
      sessions: this.#context.endpoint.size,
      sessionsOpened: this.#sessionsOpened,
      memoryHeld: this.#context.memory.held,
      limited: Object.freeze({ ...this.#limited }),
      faults: this.#context.guard.faults,
      sessionsUntaken: this.#ended.size,
      strayPackets: this.#strayPackets?.seen ?? 0,
      statelessResets: this.#strayPackets?.answered ?? 0,
      ...handshakes,
      ...dropped,
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

  /** What `console.log` shows: no secret is among it. */
  #shown(): string {
    const { liveSessions } = this
    return oneLine('STTNode', {
      id: shortHex(this.#id),
      state: this.#closing ? 'closed' : this.#drained ? 'draining' : 'open',
      addresses: this.addresses.join(' ') || undefined,
      sessions: liveSessions.length,
      memoryHeld: this.#context.memory.held,
    })
  }

  async #close(): Promise<void> {
    for (const connecting of this.#connecting) connecting.abort(closed())
    const { endpoint } = this.#context
    await Promise.all([...endpoint.handles].map(({ session }) => session.close()))
    this.#context.handshakes.close()
    // Those that the peer closed still absorb late packets: there is nobody left to absorb them for.
    for (const { discard } of [...endpoint.handles]) discard()
    await Promise.all(this.#doors.map(door => door.close()))
    // Nothing comes in any more that would need them.
    this.#strayPackets?.dispose()
    this.#keys.dispose()
    this.#incoming.unread.close()
  }

  async #dial(text: string, address: Address, options: CheckedDial, turn: Turn): Promise<Session<S>> {
    if (this.#closing) throw closed()
    const full = this.#full()
    if (full) throw full
    const { clock, limits } = this.#context
    const patience = {
      clock,
      signal: turn.signal,
      timeout: options.signal ? Number.POSITIVE_INFINITY : limits.handshakeTimeout,
      entropy: this.#context.entropy,
      what: `connect to ${text}`,
    }
    return untilFree(async () => {
      const opened = await this.#environment.openLink(text, address, turn.signal)
      if (!this.#closing) return dialOver(opened, text, this.#context, options, turn)
      opened.link.close()
      throw closed()
    }, patience)
  }

  /** Which limit of this node, whoever the peer is, keeps out one more session. */
  #fullLimit(): 'sessions' | 'memory' | undefined {
    const { limits, memory } = this.#context
    if (this.#context.endpoint.size - this.#lingering.size + this.#ended.size >= limits.sessions) return 'sessions'
    return memory.isFull ? 'memory' : undefined
  }

  /** The error of a dial that a limit of this node keeps from having a session. */
  #full(): SttError | undefined {
    const limit = this.#fullLimit()
    if (limit === undefined) return undefined
    this.#limited[limit]++
    return limit === 'sessions' ? sessionLimit(this.#context.limits.sessions) : memoryLimit(this.#context.limits.memory)
  }

  /** Whether a peer that dialed in may have a session now. spec: STT-HS-42 */
  #verdictOn(id: Uint8Array, address: string): Verdict {
    if (!this.#context.handshakes.policy.permits(id)) return 'refuse'
    if (this.#closing || this.#drained) return 'busy'
    const limit = this.#fullLimit() ?? this.#places?.limitFor(id, this.#addressPrefix(address))
    if (limit === undefined) return 'accept'
    this.#limited[limit]++
    return 'busy'
  }

  /** The same for a dial. */
  #refuses(id: Uint8Array, address: string): SttError | undefined {
    if (this.#closing) return closed()
    if (!this.#context.handshakes.policy.permits(id)) return revokedPeer(address)
    return this.#full()
  }

  #open(result: HandshakeResult, run: HandshakeRun, link: Link, packets: readonly Uint8Array[]): SessionHandle<S> {
    // Only a listener's handshake still waits for something; no session keeps what a handshake needed.
    let unconfirmed = run.role === 'responder' ? run : undefined
    let leave = (): void => {}
    const handle = establish(result, run, link, this.#context, {
      onConfirmed: () => {
        if (unconfirmed) this.#context.handshakes.confirm(unconfirmed)
        unconfirmed = undefined
      },
      onOver: over => this.#linger(over, leave),
      onOverMemory: largest => void this.#endForMemory(largest),
      onClosed: (closedHandle, forget) => {
        this.#onSessionClosed(closedHandle, () => {
          forget()
          leave()
        })
      },
    })
    // What this node dials is its own choice, and takes nobody's place.
    if (unconfirmed) leave = this.#places?.take(result.peerId, this.#addressPrefix(link.remote)) ?? leave
    if (unconfirmed) this.#accepted.add(handle)
    this.#sessionsOpened++
    for (const packet of packets) handle.driver.receive(packet, link)
    return handle
  }

  /**
   * A peer that comes again at once finds its place free. What absorbs late packets is bounded by itself: beyond that
   * the oldest is forgotten, and who still sends to it gets a stateless reset.
   */
  #linger(handle: SessionHandle<S>, leave: () => void): void {
    if (this.#isUnread(handle)) return
    leave()
    this.#lingering.add(handle)
    if (this.#lingering.size <= Math.min(MAX_LINGERING, this.#context.limits.sessions)) return
    const [oldest] = this.#lingering
    oldest!.discard()
  }

  /** What it brought was acknowledged: whoever takes it later finds that. */
  #isUnread(handle: SessionHandle<S>): boolean {
    return this.#untaken.has(handle.session) && handle.hasUnread()
  }

  /** @param leave gives back the place that the session took from others of its peer */
  #onSessionClosed(handle: SessionHandle<S>, leave: () => void): void {
    const { session } = handle
    this.#lingering.delete(handle)
    this.#accepted.delete(handle)
    if (this.#accepted.size === 0) this.#drained?.resolve()
    if (this.#isUnread(handle)) {
      this.#ended.set(session, leave)
      return
    }
    leave()
    this.#forgetUntaken(session)
  }

  #onTaken(session: Session<S>): void {
    this.#untaken.delete(session)
    this.#ended.get(session)?.()
    this.#ended.delete(session)
  }

  #forgetUntaken(session: Session<S>): void {
    const place = this.#untaken.get(session)
    if (!place) return
    this.#incoming.unread.remove(place)
    this.#onTaken(session)
  }

  #forgetUntakenOf(id: Uint8Array): void {
    for (const session of this.#ended.keys()) if (equalBytes(session.peer.id, id)) this.#forgetUntaken(session)
  }

  async #endForMemory(handle: SessionHandle<S>): Promise<void> {
    this.#limited.memory++
    const { memory } = this.#context.limits
    const message = `the sessions of this node held more than ${memory} bytes, and the one that held most was ended: read what comes, or raise limits.memory`
    const error = new SttError('STT_LIMIT', message)
    this.#warn(error)
    handle.abortStreams(error)
    await cutOff(handle, OVER_MEMORY, 'the node is short of memory')
    this.#forgetUntaken(handle.session)
  }

  #closeAccepted(): void {
    for (const { session } of this.#accepted) void session.close()
  }

  #onHandlerFailed(session: Session<S>, cause: unknown): void {
    const isEnd = isSttError(cause) && session.state !== 'active'
    void session.close({ code: HANDLER_FAILED, reason: 'the session handler failed' })
    // A peer that leaves, however it does, is no defect of the handler's that waited for it.
    if (isEnd) return
    const message = OF_A_STREAM.has(codeOf(cause))
      ? 'an onSession handler let the failure of one stream through, and its session was closed: catch it, or serve streams with session.onStream'
      : 'an onSession handler failed; its session was closed'
    this.#warn(new SttError('STT_CLOSED', message, { cause }))
  }
}

const closed = (): SttError => new SttError('STT_CLOSED', 'this node is closed: create another')
const sessionLimit = (limit: number): SttError =>
  new SttError('STT_LIMIT', `this node holds ${limit} sessions, its limit: close some, or raise limits.sessions`)
const memoryLimit = (limit: number): SttError =>
  new SttError(
    'STT_LIMIT',
    `the sessions of this node hold ${limit} bytes, its limit: read what waits, close some, or raise limits.memory`,
  )

/** Ends a session without waiting for its peer: nothing of it is kept. */
async function cutOff({ session, discard }: SessionHandle, code: number, reason: string): Promise<void> {
  await session.close({ code, reason, deadline: 0 })
  discard()
}

const codeOf = (error: unknown): string => (isSttError(error) ? error.code : '')
const OF_A_STREAM: ReadonlySet<string> = new Set(['STT_STREAM_RESET', 'STT_STREAM_STOPPED', 'STT_STREAM_EXPIRED'])

/** Milliseconds: what a timer of every platform can wait. */
const LONGEST_TIMER = 2 ** 31 - 1
const HANDLER_FAILED = 1
/** Sessions that their peers ended and that are kept for late packets, some 50 KiB each. */
const MAX_LINGERING = 256
const REVOKED = 2
const OVER_MEMORY = 3
const DEFAULT_KEEP_ALIVE = 15_000
