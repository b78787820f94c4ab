import { equalBytes, type RendezvousKeys, toHex } from '@stt/crypto'
import { isSttError, SttError } from '@stt/errors'
import { type Link, parseIpAddress } from '@stt/frame'
import {
  type Greeting,
  homeOf,
  hoursAt,
  isAllowedRedirect,
  type MailboxClaim,
  mailboxName,
  orderRelays,
  REGISTRY_SUBPROTOCOL,
  RELAY_SUBPROTOCOL,
} from '@stt/rendezvous'
import { type Address, parseAddress } from '../addresses/address.ts'
import { type Attempt, Race } from '../dial/race.ts'
import { deferred } from '../queues/deferred.ts'
import { Alarm } from '../time/alarm.ts'
import { checkRelay, checkRelays } from './check-relays.ts'
import { type Elsewhere, refusal, requestCircuit } from './circuit.ts'
import { isAtRelay, relayAddress } from './relay-address.ts'
import type { DialPlan, RelayConfig } from './relay-config.ts'
import type { RelayDial } from './relay-dial.ts'
import { RelayLeg } from './relay-leg.ts'
import type { RelayState } from './relay-state.ts'
import type { UdpEndpoint } from './udp-endpoint.ts'

/** The relays of a node: it listens at two of them and dials other nodes through them. */
export class Relays {
  readonly #config: RelayConfig
  readonly #alarm: Alarm
  /** The relays in use, connected or connecting, by their URL. */
  readonly #legs = new Map<string, RelayLeg>()
  /** Circuits that were accepted and carry no session yet, by relay. */
  readonly #arriving = new Map<string, number>()
  /** Aborted when the node closes. */
  readonly #stop = new AbortController()
  /** The UDP ports of each relay that has some. */
  readonly #udpPorts = new Map<string, readonly number[]>()
  #isListening = false
  /** Relays of which others were told that the node listens there. */
  #toldListening: readonly string[] = []
  /** The relays in this node's order. */
  #order: readonly string[] = []
  #unwatch: (() => void) | undefined
  readonly #settled = deferred<void>()

  /** @throws SttError `STT_INVALID_ARGUMENT`, `STT_BAD_ADDRESS` for relays that cannot be used */
  constructor(config: RelayConfig) {
    checkRelays(config.urls, config.allowPlain)
    this.#config = config
    this.#alarm = new Alarm(
      config.clock,
      config.guard.wrap(() => this.#arrange()),
    )
  }

  get addresses(): readonly string[] {
    const id = toHex(this.#config.identity.id)
    return this.states.filter(({ state }) => state === 'listening').map(({ url }) => relayAddress(url, id))
  }

  get states(): readonly RelayState[] {
    return this.#order.map(url => {
      const leg = this.#legs.get(url)
      const state = !leg ? 'spare' : leg.isListening ? 'listening' : 'connecting'
      return Object.freeze({ url, state, problem: leg?.problem })
    })
  }

  async listen(): Promise<void> {
    const { network, clock, warn } = this.#config
    this.#isListening = true
    this.#reorder()
    this.#unwatch = network.watch(() => {
      for (const leg of this.#legs.values()) leg.networkChanged()
    })
    this.#arrange()
    const patience = clock.setTimer(() => this.#settled.resolve(), START_WITHIN)
    await this.#settled.promise
    clock.clearTimer(patience)
    if (this.addresses.length > 0 || this.#stop.signal.aborted) return
    const problems = this.states.map(({ url, problem }) => `${url}: ${problem ?? 'no answer yet'}`)
    const message = `this node listens at none of its relays yet, and goes on trying. ${problems.join('; ')}`
    warn(new SttError('STT_LISTEN_FAILED', message))
  }

  /** An address at a relay names its node: all of a dial lead to the same one. @throws SttError `STT_INVALID_ARGUMENT` */
  // spec: STT-RLY-22 STT-RLY-32
  plan({ addresses, peer }: DialPlan): DialPlan {
    let pinned = peer
    for (const text of addresses) {
      const named = isAtRelay(text) ? parseAddress(text).relay?.peer : undefined
      if (named && pinned && !equalBytes(named, pinned)) {
        const message = `${text} is the address of another node than ${toHex(pinned)}, and a dial is for one`
        throw new SttError('STT_INVALID_ARGUMENT', message)
      }
      pinned ??= named
    }
    if (!pinned) return { addresses, peer }
    const { urls, keys } = this.#config
    const id = toHex(pinned)
    const atRelays = orderRelays(homeOf(first(keys()).rendezvous, pinned), urls).map(url => relayAddress(url, id))
    return { addresses: [...new Set([...addresses, ...atRelays])], peer: pinned }
  }

  /**
   * A circuit to the node that an address names.
   *
   * Rejects with `STT_BAD_ADDRESS`, `STT_CONNECT_FAILED`, `STT_BUSY`, `STT_ABORTED` or `STT_TIMEOUT`.
   */
  async dial({ relay, host }: Address, signal: AbortSignal | undefined): Promise<Link> {
    const { url, peer } = relay!
    const text = relayAddress(url, toHex(peer))
    checkRelay(url, this.#config.allowPlain)
    const link = await this.#openSocket(url, { remote: text, host, signal })
    const elsewhere = await this.#dialOver(link, url, peer, signal)
    if (!elsewhere) return link
    // spec: STT-RLY-23
    if (!isAllowedRedirect(url, elsewhere.url, this.#config.urls)) throw refusal(url, NOWHERE)
    const other = await this.#open(elsewhere.url, text, signal)
    if (await this.#dialOver(other, elsewhere.url, peer, signal)) throw refusal(elsewhere.url, NOWHERE)
    return other
  }

  /** Those of the relays that have greeted this node: the first of each, then the second. */
  async udpEndpoints(): Promise<readonly UdpEndpoint[]> {
    const { resolve } = this.#config
    const found = [...this.#udpPorts].map(async ([url, ports]): Promise<UdpEndpoint[]> => {
      const address = parseAddress(url)
      try {
        const ips = resolve ? await resolve(address.host, () => {}, address) : []
        // UDP cannot reach a name that only a proxy can resolve.
        return ips
          .filter(parseIpAddress)
          .slice(0, 1)
          .flatMap(ip => ports.map(port => ({ address: ip, port })))
      } catch {
        // A relay whose name cannot be looked up now is not asked.
        return []
      }
    })
    const ofRelays = await Promise.all(found)
    return [0, 1].flatMap(i => ofRelays.flatMap(each => each[i] ?? []))
  }

  onSeedsReplaced(): void {
    if (!this.#isListening) return
    for (const leg of this.#legs.values()) leg.stop()
    this.#legs.clear()
    this.#reorder()
    this.#arrange()
  }

  close(): void {
    this.#isListening = false
    this.#alarm.cancel()
    this.#unwatch?.()
    this.#stop.abort(new SttError('STT_CLOSED', 'the node was closed'))
    for (const leg of this.#legs.values()) leg.stop()
    this.#legs.clear()
    this.#settled.resolve()
  }

  #dialOver(
    link: Link,
    url: string,
    peer: Uint8Array,
    signal: AbortSignal | undefined,
  ): Promise<Elsewhere | undefined> {
    const { clock } = this.#config
    const { rendezvous, access } = first(this.#config.keys())
    const dial = hoursAt(this.#seconds).map(hour => mailboxName(rendezvous, peer, hour))
    const onGreeted = (greeting: Greeting): void => this.#onGreeted(url, greeting)
    return requestCircuit(link, { url, access, wish: { dial } }, clock, signal, () => {}, onGreeted)
  }

  #reorder(): void {
    const { urls, keys, identity } = this.#config
    this.#order = orderRelays(homeOf(first(keys()).rendezvous, identity.id), urls)
  }

  /** Two are listened at: the first of the order that can be reached. Those before them are tried on and on. */
  // spec: STT-RLY-22 STT-RLY-28
  #arrange(): void {
    if (!this.#isListening) return
    const now = this.#config.clock.now()
    let useful = 0
    let proven = 0
    let next = Number.POSITIVE_INFINITY
    for (const url of this.#order) {
      const known = this.#legs.get(url)
      if (useful >= WANTED) {
        // The spare is left when what it stood in for has held for a while.
        if (known && proven >= WANTED) this.#drop(known)
        continue
      }
      const leg = known ?? this.#start(url)
      const age = now - leg.since
      if (leg.isListening) {
        useful++
        if (age >= PROVEN_AFTER) proven++
        else next = Math.min(next, leg.since + PROVEN_AFTER)
      } else if (age < GIVEN_UP_AFTER) {
        useful++
        next = Math.min(next, leg.since + GIVEN_UP_AFTER)
      }
    }
    if (next < Number.POSITIVE_INFINITY) this.#alarm.set(next)
    this.#tellListening()
    const legs = [...this.#legs.values()]
    if (legs.some(({ isListening }) => isListening) || legs.every(({ losses }) => losses > 0)) this.#settled.resolve()
  }

  #tellListening(): void {
    const urls = this.states.filter(({ state }) => state === 'listening').map(({ url }) => url)
    if (urls.join('\n') === this.#toldListening.join('\n')) return
    this.#toldListening = urls
    this.#config.onListening(urls)
  }

  #start(url: string): RelayLeg {
    const { clock, wallClock, entropy, guard } = this.#config
    const leg = new RelayLeg({
      url,
      access: first(this.#config.keys()).access,
      claims: hours => this.#claims(hours),
      clock,
      wallClock,
      entropy,
      guard,
      open: signal => this.#open(url, url, signal),
      onIncoming: (incoming, done) => void this.#accept(url, incoming).finally(done),
      onGreeted: greeting => this.#onGreeted(url, greeting),
      onRefused: no => this.#config.warn(refusal(url, no)),
      onChanged: () => this.#alarm.set(clock.now()),
    })
    this.#legs.set(url, leg)
    leg.start()
    return leg
  }

  #drop(leg: RelayLeg): void {
    leg.stop()
    this.#legs.delete(leg.url)
  }

  /** Under the names of the first two seeds: a LISTEN holds no more. */
  // spec: STT-RLY-2 STT-RLY-3 STT-RLY-29
  #claims(hours: readonly number[]): readonly MailboxClaim[] {
    const { identity, keys } = this.#config
    return keys()
      .slice(0, MOST_SEEDS)
      .flatMap(({ rendezvous }) =>
        hours.map(hour => {
          const mailbox = mailboxName(rendezvous, identity.id, hour)
          return { mailbox, token: identity.mailboxToken(mailbox) }
        }),
      )
  }

  /** Takes the circuit of somebody who dials. What fails there is the dialer's to notice. */
  // spec: STT-RLY-30 STT-RLY-37
  async #accept(url: string, incoming: { readonly ticket: Uint8Array; readonly url: string }): Promise<void> {
    const { ticket } = incoming
    const at = incoming.url || url
    if (at !== url && !isAllowedRedirect(url, at, this.#config.urls)) return
    const arriving = this.#arriving.get(url) ?? 0
    if (arriving >= MOST_ARRIVING) return
    this.#arriving.set(url, arriving + 1)
    let isCounted = true
    const settle = (): void => {
      if (isCounted) this.#arriving.set(url, this.#arriving.get(url)! - 1)
      isCounted = false
    }
    const { clock, keys, onCircuit, guard } = this.#config
    const { signal } = this.#stop
    try {
      const link = await this.#open(at, relayAddress(url, toHex(ticket)), signal)
      let isTaken = false
      const take = guard.wrap((taken: Link) => {
        isTaken = true
        onCircuit(taken, { prefixOf: () => `relay:${url}`, onSettled: settle })
      }, settle)
      await requestCircuit(
        link,
        { url: at, access: first(keys()).access, wish: { accept: ticket } },
        clock,
        signal,
        take,
      )
      if (!isTaken) settle()
    } catch (cause) {
      settle()
      if (!isSttError(cause)) guard.report(cause)
    }
  }

  /** A connection to the registry of a relay. */
  openRegistry(url: string, signal: AbortSignal): Promise<Link> {
    return this.#open(url, url, signal, REGISTRY_SUBPROTOCOL)
  }

  /** A connection to a relay by whichever of its IP addresses answers first. */
  #open(url: string, remote: string, signal: AbortSignal | undefined, subprotocol = RELAY_SUBPROTOCOL): Promise<Link> {
    const { resolve, clock } = this.#config
    const what = `connect to the relay ${url}`
    const race = new Race<Link>(clock, what, { bestAreSilent: false }, late => late.close())
    const at = (host: string): Attempt<Link> => ({
      label: `${url} at ${host}`,
      rank: 0,
      run: turn => this.#openSocket(url, { remote, host, signal: turn.signal, subprotocol }),
    })
    const add = (hosts: readonly string[]): void => {
      for (const host of hosts.slice(0, MOST_IPS)) race.add(at(host))
    }
    const address = parseAddress(url)
    const lookUp: Attempt<Link> = {
      label: url,
      rank: 0,
      run: async turn => {
        const [host, ...others] = resolve ? await resolve(address.host, add, address) : [address.host]
        if (host === undefined) throw new SttError('STT_CONNECT_FAILED', `the host name in ${url} has no address`)
        add(others)
        return at(host).run(turn)
      },
    }
    return race.run([lookUp], signal)
  }

  async #openSocket(url: string, options: Partial<RelayDial> & Pick<RelayDial, 'remote'>): Promise<Link> {
    const { openRelay } = this.#config
    if (!openRelay) throw new SttError('STT_UNSUPPORTED', 'this platform opens no connections to relays')
    return openRelay(url, { subprotocol: RELAY_SUBPROTOCOL, ...options })
  }

  #onGreeted(url: string, greeting: Greeting): void {
    const ports = greeting.udpPorts.filter(port => port > 0)
    this.#udpPorts.delete(url)
    if (ports.length > 0) this.#udpPorts.set(url, ports)
    if (this.#udpPorts.size > MOST_UDP_PORTS) this.#udpPorts.delete(this.#udpPorts.keys().next().value!)
    this.#checkClock(url, greeting)
  }

  /** Names change with the hour: who is an hour wrong is not found. */
  #checkClock(url: string, { unixSeconds }: Greeting): void {
    const difference = Math.round((unixSeconds - this.#seconds) / 60)
    if (Math.abs(difference) <= CLOCK_TOLERANCE) return
    const message = `the clock of this system differs by ${difference} minutes from that of the relay ${url}, and nodes whose clocks differ by an hour do not find each other: set it`
    this.#config.warn(new SttError('STT_CLOCK', message, { details: { minutes: difference } }))
  }

  get #seconds(): number {
    return Math.floor(this.#config.wallClock() / 1_000)
  }
}

function first(keys: readonly RendezvousKeys[]): RendezvousKeys {
  const [key] = keys
  if (key) return key
  throw new SttError('STT_INVALID_STATE', 'every seed of this node is past its notAfter: give it others with setSeeds')
}

const NOWHERE = { type: 'no', reason: 'elsewhere', retryAfter: 0, url: '' } as const

/** How many relays a node listens at. */
const WANTED = 2
const MOST_SEEDS = 2
const MOST_IPS = 4
const MOST_UDP_PORTS = 16
/** Circuits of one relay without a session. */
const MOST_ARRIVING = 256
/** Minutes. */
const CLOCK_TOLERANCE = 30
/** Milliseconds: when another relay stands in for one that is not there, and when it is let go again. */
const GIVEN_UP_AFTER = 2_000
const PROVEN_AFTER = 10_000
/** Milliseconds that `create` waits for relays. */
const START_WITHIN = 5_000
