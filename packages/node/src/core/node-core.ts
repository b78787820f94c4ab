import { provider as defaultProvider, equalBytes, type RendezvousKeys, type Seed } from '@stt/crypto'
import { abortable, checkInteger, checkOptions, checkSignal, checkType, loadPart, SttError } from '@stt/errors'
import type { Value } from '@stt/serialize'
import { Tier } from '@stt/session'
import { type Address, parseAddress } from '../addresses/address.ts'
import type { AnyNode, DrainOptions } from '../api/node.ts'
import type { NodeStatistics } from '../api/node-statistics.ts'
import type { Session } from '../api/session.ts'
import { type Connecting, connectAny } from '../dial/connect.ts'
import { type CheckedDial, checkConnect, type DialOptions, dialOver } from '../dial/dial.ts'
import type { Turn } from '../dial/race.ts'
import { untilFree } from '../dial/until-free.ts'
import { DiscoveryClient } from '../discovery/discovery-client.ts'
import { resolveDiscovery } from '../discovery/discovery-options.ts'
import type { LanState } from '../discovery/lan-platform.ts'
import type { PeerEvent } from '../discovery/peer-events.ts'
import { NodeKeys } from '../keys/node-keys.ts'
import { checkSeeds, type DatedSeed, SeedKeyring } from '../keys/seeds.ts'
import type { Acceptor } from '../listen/acceptor.ts'
import type { StrayPackets } from '../listen/stray-packets.ts'
import { NetworkWatch } from '../network/network-watch.ts'
import { fewWarnings } from '../observe/few-warnings.ts'
import { oneLine, shortHex, showAs } from '../observe/inspect.ts'
import { loadLimits, resolveLimits, transportLimits } from '../options/node-limits.ts'
import { type CommonOptions, canBeDialed, listensAtRelays, resolveSeeds } from '../options/options.ts'
import { dialable, isDialable, punchesHoles, resolvePaths } from '../options/path-options.ts'
import { type NodeId, nodeIdOf } from '../peers/peers.ts'
import { nodeClosed, SessionGate } from '../peers/session-gate.ts'
import { RelayClient } from '../relay/relay-client.ts'
import type { RelayState } from '../relay/relay-state.ts'
import type { Dialed } from '../session/path-keeper.ts'
import type { StreamCore } from '../stream/stream-core.ts'
import { Guard } from '../time/guard.ts'
import { guardedClock } from '../time/guarded-clock.ts'
import { Endpoint } from './endpoint.ts'
import type { Environment } from './environment.ts'
import { Handshakes } from './handshakes.ts'
import { MemoryBudget } from './memory-budget.ts'
import type { NodeContext } from './node-context.ts'
import { endRevoked, Residents } from './residents.ts'

/** A node on any platform: its environment brings clock, links and randomness. */
export class NodeCore<S extends StreamCore = StreamCore> implements AnyNode<S> {
  static {
    showAs(NodeCore.prototype, node => node.#shown())
  }

  readonly #context: NodeContext<S>
  readonly #id: Uint8Array<ArrayBuffer>
  readonly #keys: NodeKeys
  readonly #listen: readonly string[]
  readonly #environment: Environment<S>
  readonly #acceptors: Acceptor[] = []
  readonly #relays: RelayClient
  readonly #discovery: DiscoveryClient
  readonly #listensAtRelays: boolean
  readonly #residents: Residents<S>
  readonly #connecting = new Set<Connecting<Session<S>>>()
  readonly #raceMemory = { bestAreSilent: false }
  readonly #strayPackets: StrayPackets | undefined
  /** Ends the waiting for the end of the program. */
  readonly #stopWaiting: (() => void) | undefined
  #closing: Promise<void> | undefined

  /**
   * Makes a node and binds every address of `listen`; if one of them fails it binds none and rejects.
   *
   * Rejects with `STT_INVALID_ARGUMENT` when an option is invalid, and with what `openAcceptor` of the environment rejects with.
   */
  static async create<S extends StreamCore>(options: CommonOptions, environment: Environment<S>): Promise<NodeCore<S>> {
    return new NodeCore(options, environment).#listenEverywhere()
  }

  private constructor(options: CommonOptions, environment: Environment<S>) {
    const limits = resolveLimits(options.limits)
    const paths = resolvePaths(options.paths)
    const { entropy, wallClock } = environment
    const punching = punchesHoles(paths) ? environment.punching : undefined
    const seeds = resolveSeeds(options, wallClock())
    const warn = fewWarnings(error => environment.warn(error), environment.clock)
    const guard = new Guard(warn)
    const clock = guardedClock(environment.clock, guard)
    const { provider = defaultProvider } = options
    this.#listen = options.listen ?? []
    this.#environment = environment
    this.#listensAtRelays = listensAtRelays(options) && environment.listener !== undefined
    const listener = canBeDialed(options) ? environment.listener : undefined
    const memory = new MemoryBudget(limits.memory)
    const residents = new Residents<S>(limits.sessions, (session, cause) =>
      listener?.sessionHandlerFailed(session, cause, warn),
    )
    const places = listener?.createSessionPlaces(limits)
    const gate = new SessionGate({
      policy: environment.policyOf(options.peers, warn),
      limits,
      memory,
      residents,
      places,
      givesWay: id => residents.silentOf(id, this.#context) !== undefined,
    })
    this.#residents = residents
    const keyring = new SeedKeyring(provider, clock, limits.handshakeTimeout)
    this.#keys = new NodeKeys(seeds, options.identity, keyring, provider)
    const { identity } = this.#keys
    this.#id = identity.id
    const watcher = environment.watch?.(identity.id, warn)
    this.#strayPackets = listener?.createStrayPackets({ identity, provider, entropy })
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
            paths: { version: 1, maxPaths: MAX_PATHS, punch: punching !== undefined, detached: paths.detached },
            timeout: limits.handshakeTimeout,
            isConnectionIdTaken: id => this.#context.endpoint.sessions.hasConnectionId(id),
            load: loadLimits(limits),
          },
          gate,
          authorize: options.authorize,
          warn,
          listener,
        }),
    )
    const network = new NetworkWatch({ clock, guard, watchPlatform: environment.watchNetwork })
    const keys = (): readonly RendezvousKeys[] => this.#keys.meetingKeys(wallClock())
    const meeting = { urls: options.relays ?? [], keys, identity, clock, wallClock, entropy, guard, network, warn }
    this.#discovery = new DiscoveryClient({
      ...meeting,
      ...resolveDiscovery(options.discovery),
      urls: paths.relay ? meeting.urls : [],
      openRegistry: (url, signal) => this.#relays.openRegistry(url, signal),
      loadLan: environment.loadLan,
      listened: () => this.#acceptors.map(acceptor => acceptor.address).filter(Boolean),
    })
    this.#relays = new RelayClient({
      ...environment,
      ...meeting,
      allowPlain: options.plainRelays ?? false,
      onListening: urls => this.#discovery.listensAt(urls),
      onCircuit: (link, facts) => environment.acceptLink?.(link, this.#context, facts),
    })
    this.#context = {
      clock,
      entropy,
      provider,
      limits,
      transportLimits: transportLimits(limits),
      metadata: options.metadata,
      keepAlive: options.keepAlive ?? DEFAULT_KEEP_ALIVE,
      gate,
      handshakes,
      endpoint: new Endpoint({ clock, handshakes, strayPackets: this.#strayPackets, watcher }),
      watcher,
      memory,
      network,
      guard,
      dialer: {
        openLink: (text, address, signal) =>
          address.relay ? this.#relays.openLink(address, signal) : environment.openLink(text, address, signal),
        resolve: environment.resolve,
        tierOf: environment.tierOf ?? usualTier,
      },
      paths,
      follow: listener?.followPeer,
      punching: punching && {
        plugin: punching.plugin,
        puncher: punching.createPuncher({
          clock,
          entropy,
          guard,
          network,
          share: paths.shareAddresses,
          allows: paths.candidates,
          warn,
          endpoints: () => this.#relays.udpEndpoints(),
          tierOf: host => this.#context.dialer.tierOf({ scheme: 'udp', host, port: 0, path: '/' }),
          onPacket: (packet, link) => this.#context.endpoint.deliver(packet, link),
        }),
      },
      open: (result, run, link, packets, dialed) => residents.open(result, run, link, packets, this.#context, dialed),
      handOver: (link, dialed, winner) => this.#context.endpoint.handleOf(winner)?.takeOver(link, dialed) ?? false,
      announce: handle => residents.announce(handle),
      createStream: environment.createStream,
      warn,
    }
    this.#stopWaiting = environment.whenLeft?.(guard.wrap(() => this.#leave()))
  }

  /** Binds every address of `listen`, or none if one fails. */
  async #listenEverywhere(): Promise<this> {
    try {
      await Promise.all([this.#context.provider.prepare?.(), this.#relays.prepare()])
      for (const text of this.#listen) {
        const acceptor = await this.#environment.openAcceptor(text, parseAddress(text), this.#context)
        this.#acceptors.push(acceptor)
        this.#context.watcher?.onListening(acceptor.address || text)
      }
      await this.#discovery.startLan()
      if (this.#listensAtRelays) await this.#relays.listen()
    } catch (error) {
      await this.close()
      throw error
    }
    return this
  }

  get id(): Uint8Array<ArrayBuffer> {
    return this.#id
  }

  get addresses(): readonly string[] {
    return [
      ...this.#acceptors.map(acceptor => acceptor.address).filter(address => address !== ''),
      ...this.#relays.addresses,
    ]
  }

  get relays(): readonly RelayState[] {
    return this.#relays.states
  }

  get lan(): readonly LanState[] {
    return this.#discovery.lan
  }

  get liveSessions(): readonly Session<S>[] {
    return [...this.#context.endpoint.handles].map(({ session }) => session).filter(({ state }) => state === 'active')
  }

  connect(options?: DialOptions): Promise<Session<S>>
  connect(address: string | readonly string[], options?: DialOptions): Promise<Session<S>>
  async connect(...call: [to?: string | readonly string[] | DialOptions, options?: DialOptions]): Promise<Session<S>> {
    const { addresses: given, dialing, isToBeFound } = checkConnect(call)
    if (isToBeFound && (!dialing.peer || this.#discovery.hasLan) && this.#discovery.canFind)
      return this.#connectFound(dialing)
    const { paths } = this.#context
    const atOtherTimes = dialing.peer ? await this.#discovery.knownAddressesOf(dialing.peer) : []
    const plan = { addresses: [...new Set([...given, ...atOtherTimes])], peer: dialing.peer }
    const { addresses: known, peer } = paths.relay ? await this.#relays.plan(plan) : plan
    return this.#dialFirst([{ id: peer, addresses: dialable(known, paths) }], dialing)
  }

  peers(): AsyncIterable<PeerEvent> {
    if (!this.#discovery.canFind) throw nowhereToLook()
    const discovery = this.#discovery
    const metadataOf = (id: Uint8Array): Value | undefined => this.#sessionWith(id)?.peer.metadata
    return {
      async *[Symbol.asyncIterator]() {
        const { peerEvents } = await loadPart('what tells who is there', () => import('../discovery/peer-events.ts'))
        yield* peerEvents(await discovery.load(), metadataOf)
      },
    }
  }

  sessions(): AsyncIterable<Session<S>> {
    return this.#residents.incoming.unread
  }

  onSession(handler: (session: Session<S>) => unknown): () => void {
    checkType(handler, 'the handler of onSession', 'function')
    return this.#residents.incoming.add(handler)
  }

  async drain(options?: DrainOptions): Promise<void> {
    checkOptions(options, 'drain', ['deadline', 'signal'])
    const { deadline, signal } = options ?? {}
    if (deadline !== undefined) checkInteger(deadline, 'the deadline of drain', 0, LONGEST_TIMER)
    checkSignal(signal, 'drain')
    const { gate, clock } = this.#context
    gate.drain()
    const drained = this.#residents.whenNoneAccepted()
    if (deadline !== undefined) {
      const timer = clock.setTimer(() => this.#residents.closeAccepted(), deadline)
      // A signal ends the waiting alone: the deadline holds.
      void drained.then(() => clock.clearTimer(timer))
    }
    await abortable(drained, signal, 'drain')
  }

  setSeeds(seeds: readonly (Seed | DatedSeed)[]): void {
    if (this.#closing) throw nodeClosed()
    const checked = checkSeeds(seeds, this.#environment.wallClock())
    this.#context.handshakes.setSeeds(this.#keys.replaceSeeds(checked))
    this.#relays.onSeedsReplaced()
    this.#discovery.onSeedsReplaced()
  }

  async revoke(id: NodeId): Promise<void> {
    const { gate, endpoint } = this.#context
    const { policy } = gate
    const revokedId = nodeIdOf(id, 'what revoke takes')
    const revoking = policy.revoke(revokedId)
    // Refused from the call on: no session with it can begin any more.
    const revoked = policy.isRefused(revokedId) ? endpoint.handlesOf(revokedId) : []
    try {
      await Promise.all([revoking, ...revoked.map(endRevoked)])
    } finally {
      if (policy.isRefused(revokedId)) this.#residents.forgetUntakenOf(revokedId)
    }
  }

  getStatistics(): NodeStatistics {
    const { endpoint, memory, gate, guard, handshakes, provider } = this.#context
    const { dropped, ...counters } = handshakes.getStatistics()
    return Object.freeze({
      sessions: endpoint.size,
      sessionsOpened: this.#residents.opened,
      memoryHeld: memory.held,
      limited: gate.limited,
      faults: guard.faults,
      sessionsUntaken: this.#residents.endedUntaken,
      strayPackets: this.#strayPackets?.seen ?? 0,
      statelessResets: this.#strayPackets?.answered ?? 0,
      cryptography: { [provider.name]: 1 } as const,
      ...counters,
      ...dropped,
    })
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** The text for `console.log`, without secrets. */
  #shown(): string {
    const { gate, memory } = this.#context
    return oneLine('STTNode', {
      id: shortHex(this.#id),
      state: gate.state,
      addresses: this.addresses.join(' ') || undefined,
      sessions: this.liveSessions.length,
      memoryHeld: memory.held,
    })
  }

  /** The program cannot wait for an answer: sends CLOSE at once, behind the data sent before. */
  #leave(): void {
    for (const { session } of this.#context.endpoint.handles) void session.close({ deadline: 0 })
  }

  async #close(): Promise<void> {
    this.#stopWaiting?.()
    this.#context.gate.close()
    // Withdraws the registration while the node can still be reached.
    const settled = this.#discovery.close()
    this.#relays.close()
    for (const connecting of this.#connecting) connecting.abort(nodeClosed())
    const { endpoint } = this.#context
    await Promise.all([...endpoint.handles].map(({ session }) => session.close()))
    this.#context.handshakes.close()
    // Sessions that the peer closed are kept for late packets; the node is going away, so drop them.
    for (const { discard } of [...endpoint.handles]) discard()
    await Promise.all([...this.#acceptors.map(acceptor => acceptor.close()), this.#context.punching?.puncher.close()])
    // No further packet can need these keys.
    this.#strayPackets?.dispose()
    await settled
    this.#keys.dispose()
    this.#residents.incoming.unread.close()
  }

  async #connectFound(dialing: CheckedDial): Promise<Session<S>> {
    if (this.#closing) throw nodeClosed()
    const { clock, limits, paths } = this.#context
    const { connectFound } = await loadPart('what finds others', () => import('../discovery/connect-found.ts'))
    return connectFound<Session<S>>(dialing.peer, dialing.signal, {
      clock,
      discovery: await this.#discovery.load(),
      timeout: limits.handshakeTimeout,
      dial: candidates => this.#dialFirst(candidates, dialing),
      dialable: addresses => addresses.filter(text => isDialable(text, paths)),
      isConnected: id => this.#sessionWith(id) !== undefined,
    })
  }

  #sessionWith(id: Uint8Array): Session<S> | undefined {
    return this.liveSessions.find(({ peer }) => equalBytes(peer.id, id))
  }

  /** Dials nodes at all of their addresses: the first session wins. */
  async #dialFirst(nodes: readonly Wish[], dialing: CheckedDial): Promise<Session<S>> {
    if (this.#closing) throw nodeClosed()
    const wishes = new Map(nodes.flatMap(wish => wish.addresses.map(text => [text, wish] as const)))
    const connecting = connectAny<Session<S>>([...wishes.keys()], dialing.signal, {
      clock: this.#context.clock,
      memory: this.#raceMemory,
      resolve: this.#environment.resolve,
      dial: async (text, target, turn) => {
        const { id, addresses } = wishes.get(text)!
        try {
          const dialed = { text, host: target.host, addresses }
          const session = await this.#dial(dialed, target, { ...dialing, peer: id }, turn)
          if (target.scheme !== 'relay') this.#discovery.reached(session.peer.id, text)
          return session
        } catch (error) {
          this.#context.watcher?.onDialFailed(text, error)
          throw error
        }
      },
      discard: late => void late.close({ deadline: 0 }),
    })
    this.#connecting.add(connecting)
    const stop = this.#alsoFound(dialing.peer, found => {
      const others = dialable(found, this.#context.paths).filter(text => !wishes.has(text))
      // Any holder of the seed can repeat this without end.
      others.length = Math.min(others.length, Math.max(0, MOST_ADDRESSES - wishes.size))
      for (const text of others) wishes.set(text, { id: dialing.peer, addresses: others })
      connecting.add(others)
    })
    try {
      return await connecting.session
    } finally {
      stop()
      this.#connecting.delete(connecting)
    }
  }

  /** Tells of addresses at which a node is found on the local network while it is dialed. @returns what ends that */
  #alsoFound(peer: Uint8Array | undefined, onFound: (addresses: readonly string[]) => void): () => void {
    const discovery = peer && this.#discovery.onLan
    return discovery ? discovery.follow(peer, onFound) : () => {}
  }

  async #dial(dialed: Dialed, address: Address, options: CheckedDial, turn: Turn<Session<S>>): Promise<Session<S>> {
    const { text } = dialed
    const { gate, clock, limits } = this.#context
    const refusal = gate.refusesDial()
    if (refusal) throw refusal
    const patience = {
      clock,
      signal: turn.signal,
      timeout: options.signal ? Number.POSITIVE_INFINITY : limits.handshakeTimeout,
      entropy: this.#context.entropy,
      what: `connect to ${text}`,
    }
    return untilFree(async () => {
      const opened = await this.#context.dialer.openLink(text, address, turn.signal)
      if (!this.#closing) return dialOver(opened, this.#context, options, dialed, turn)
      opened.link.close()
      throw nodeClosed()
    }, patience)
  }
}

/** A node to dial, at any of its addresses. */
interface Wish {
  /** Id that must answer; undefined for any. */
  readonly id: Uint8Array | undefined
  readonly addresses: readonly string[]
}

const nowhereToLook = (): SttError =>
  new SttError(
    'STT_INVALID_ARGUMENT',
    'there is nothing by which others could be found: give the node relays, or discovery: { lan: true }',
  )

const usualTier = ({ scheme }: Address): number =>
  scheme === 'udp' ? Tier.Datagram : scheme === 'relay' ? Tier.Relayed : Tier.Message

/** Of one dial, with those that are found meanwhile. */
const MOST_ADDRESSES = 64
/** Milliseconds: what a timer of every platform can wait. */
const LONGEST_TIMER = 2 ** 31 - 1
const DEFAULT_KEEP_ALIVE = 15_000
/** Links of a session at once, as this side can use them. */
const MAX_PATHS = 4
