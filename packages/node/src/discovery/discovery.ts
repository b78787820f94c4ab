import { equalBytes, fromHex, toHex } from '@stt/crypto'
import { SttError } from '@stt/errors'
import type { Link } from '@stt/frame'
import { homeOf, type No, orderRelays, PeerDirectory, type PeerRecord, type SeenPeer } from '@stt/rendezvous'
import { isVirtual } from '../addresses/own-addresses.ts'
import type { MeetingConfig } from '../relay/meeting-config.ts'
import { relayAddress } from '../relay/relay-address.ts'
import { Alarm } from '../time/alarm.ts'
import type { CheckedDiscovery } from './discovery-options.ts'
import { KnownAddresses } from './known-addresses.ts'
import type { Lan, LanState, LoadLan } from './lan-platform.ts'
import { lanPorts } from './lan-ports.ts'
import { LanSightings } from './lan-sightings.ts'
import { RegistryLeg } from './registry-leg.ts'

/** The parts of a node that find others and let others find it. */
export interface DiscoveryConfig extends CheckedDiscovery, MeetingConfig {
  /** Opens a connection to the registry of a relay. */
  readonly openRegistry: (url: string, signal: AbortSignal) => Promise<Link>
  readonly loadLan: LoadLan | undefined
  /** Addresses at which the node listens now, without those at relays. */
  readonly listened: () => readonly string[]
}

/** Someone of the seed, and where it may be dialed. */
export interface Candidate {
  readonly id: Uint8Array
  readonly addresses: readonly string[]
}

/** Says where a node is, and knows who else of its seed is where. */
export class Discovery {
  readonly #config: DiscoveryConfig
  readonly #directory: PeerDirectory
  readonly #legs = new Map<string, RegistryLeg>()
  readonly #alarm: Alarm
  readonly #known: KnownAddresses | undefined
  readonly #listeners = new Set<() => void>()
  /** Callbacks for sightings of one node on the local network. */
  readonly #followers = new Set<readonly [peer: Uint8Array, onFound: (addresses: readonly string[]) => void]>()
  #lan: Lan | undefined
  readonly #sightings = new LanSightings()
  /** Relays at which the node listens now. */
  #listeningAt: readonly string[] = []
  #seq = 0
  #watchers = 0
  readonly #unwatchNetwork: (() => void)[] = []
  #watchesRelays = false
  /** When each no of each registry was told of last. */
  readonly #refusals = new Map<string, number>()
  #lanClosed: Promise<void> | undefined
  #isClosed = false

  constructor(config: DiscoveryConfig) {
    const { identity, clock, guard, store } = config
    this.#config = config
    this.#directory = new PeerDirectory(identity.id)
    this.#alarm = new Alarm(
      clock,
      guard.wrap(() => this.#changed()),
      false,
    )
    this.#known = store && new KnownAddresses({ ...config, store })
  }

  /** Who of the seed was seen lately, without the node itself. */
  get peers(): readonly SeenPeer[] {
    return this.#directory.peers
  }

  /** Where it speaks mDNS now. */
  get lan(): readonly LanState[] {
    return this.#lan?.interfaces ?? []
  }

  /** A possible reason why no node was found on the local network. */
  get lanSilence(): string | undefined {
    return this.#lan?.explainSilence()
  }

  /** Records that could not be read, or were not believed. */
  get ignored(): number {
    return [...this.#legs.values()].reduce((sum, { unreadable }) => sum + unreadable, this.#directory.ignored)
  }

  /**
   * Everybody that may be dialed now: those who were seen, then those of whom only an address of an earlier time is known.
   *
   * @param wanted one who is among them in any case, where this node has relays: it may listen there and not say so
   */
  async candidates(wanted?: Uint8Array): Promise<readonly Candidate[]> {
    const known = (await this.#known?.all()) ?? new Map<string, readonly string[]>()
    const seen = this.peers.map(peer => ({
      id: peer.id,
      addresses: this.#addressesOf(peer, known.get(toHex(peer.id))),
    }))
    const unseen = [...known].filter(([id]) => !seen.some(each => toHex(each.id) === id))
    const all = [...seen, ...unseen.map(([id, addresses]) => ({ id: fromHex(id)!, addresses }))]
    if (!wanted || seen.some(({ id }) => equalBytes(id, wanted))) return all
    const addresses = this.#addressesOf({ id: wanted, seenAt: [], places: [] }, known.get(toHex(wanted)))
    return [...all.filter(({ id }) => !equalBytes(id, wanted)), { id: wanted, addresses }]
  }

  /** Addresses at which a node was reached earlier. */
  async knownAddressesOf(id: Uint8Array): Promise<readonly string[]> {
    return (await this.#known?.all())?.get(toHex(id)) ?? []
  }

  /** A node was reached at an address. */
  reached(id: Uint8Array, address: string): void {
    if (!equalBytes(id, this.#config.identity.id)) this.#known?.add(id, address)
  }

  /** Begins to speak on the local network. Rejects with `STT_UNSUPPORTED` where that cannot be had. */
  async startLan(): Promise<void> {
    const { loadLan, identity, keys, entropy, guard, warn, clock, interfaces, network, listened } = this.#config
    const { startLan } = this.#config
    if (!loadLan)
      throw new SttError('STT_UNSUPPORTED', 'a page has no mDNS: leave discovery.lan out here, and use relays')
    const start = startLan ?? (await loadLan())
    if (this.#isClosed || this.#lan) return
    this.#lan = start({
      id: identity.id,
      keys: () => keys().map(({ lan }) => lan),
      ports: address => lanPorts(listened(), address),
      isUsed: (name, isInternal) => (interfaces ? interfaces.includes(name) : !isInternal && !isVirtual(name)),
      entropy,
      onSeen: guard.wrap(({ id, addresses, ttl }) => {
        const key = toHex(id)
        if (this.#sightings.believes(key, addresses)) {
          this.#directory.tell(LAN, { id, relays: [] }, ttl, clock.now(), 0)
          if (this.#directory.find(id)) this.#sightings.add(key, addresses)
          this.#changed()
        }
        for (const [peer, onFound] of this.#followers) if (equalBytes(peer, id)) onFound(addresses)
      }),
      onGone: guard.wrap(id => {
        this.#directory.untell(LAN, id)
        this.#changed()
      }),
      onProblem: warn,
    })
    if (this.#watchers + this.#followers.size > 0) this.#lan.watch()
    this.#unwatchNetwork.push(network.watch(() => this.#lan?.changed()))
  }

  /** Looks for others until what this returns is called. */
  watch(): () => void {
    if (++this.#watchers === 1) for (const url of this.#config.urls) this.#legOf(url)
    for (const leg of this.#legs.values()) leg.watch()
    this.#lan?.watch()
    let isOver = false
    return () => {
      if (isOver) return
      isOver = true
      if (--this.#watchers > 0) return
      for (const leg of this.#legs.values()) leg.unwatch()
      this.#unwatchLan()
    }
  }

  /** Looks for one node on the local network, and tells of its addresses there, until what this returns is called. */
  follow(peer: Uint8Array, onFound: (addresses: readonly string[]) => void): () => void {
    const follower = [peer, onFound] as const
    this.#followers.add(follower)
    if (this.#watchers + this.#followers.size === 1) this.#lan?.watch()
    const known = this.#sightings.addressesOf(toHex(peer))
    if (known.length > 0) onFound(known)
    return () => {
      this.#followers.delete(follower)
      this.#unwatchLan()
    }
  }

  /** Calls back, some time later, when somebody appeared or disappeared. @returns what ends that */
  onChange(callback: () => void): () => void {
    this.#listeners.add(callback)
    return () => this.#listeners.delete(callback)
  }

  /** The node listens at these of its relays from now on: others than before. */
  // spec: STT-REG-11
  listensAt(urls: readonly string[]): void {
    if (!this.#config.registry || this.#isClosed) return
    const before = this.#listeningAt
    this.#listeningAt = urls
    this.#seq = Math.max(this.#config.wallClock(), this.#seq + 1)
    for (const url of before) if (!urls.includes(url)) this.#legs.get(url)?.withdraw()
    for (const url of urls) this.#legOf(url).publish()
  }

  onSeedsReplaced(): void {
    this.#lan?.keysReplaced()
    for (const leg of this.#legs.values()) leg.stop()
    this.#legs.clear()
    if (this.#watchers > 0) for (const url of this.#config.urls) this.#legOf(url).watch()
    this.listensAt(this.#listeningAt)
  }

  close(): void {
    this.#isClosed = true
    this.#alarm.cancel()
    for (const stop of this.#unwatchNetwork) stop()
    this.#lanClosed = this.#lan?.close()
    for (const leg of this.#legs.values()) leg.stop()
    this.#legs.clear()
    this.#notify()
  }

  /** Resolves when what is kept of addresses is stored, and the sockets of mDNS are closed. */
  async settled(): Promise<void> {
    await Promise.all([this.#known?.saved(), this.#lanClosed])
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /**
   * Of the relays that a record names only this node's own count, so that a record aims its readers at no other host. This node's
   * other relays follow, so that a record that another holder of the seed forged hides no node.
   */
  // spec: STT-REG-4 STT-RLY-22
  #addressesOf({ id, places }: SeenPeer, known: readonly string[] = []): readonly string[] {
    const { urls, keys } = this.#config
    const [first] = keys()
    const ordered = first ? orderRelays(homeOf(first.rendezvous, id), urls) : urls
    const named = new Set(places.map(serialized))
    const isNamed = (url: string): boolean => named.has(serialized(url))
    const relays = [...ordered.filter(isNamed), ...ordered.filter(url => !isNamed(url))]
    const near = this.#sightings.addressesOf(toHex(id))
    return [...new Set([...near, ...known]), ...relays.map(url => relayAddress(url, toHex(id)))]
  }

  #unwatchLan(): void {
    if (this.#watchers + this.#followers.size === 0) this.#lan?.unwatch()
  }

  #legOf(url: string): RegistryLeg {
    const leg = this.#legs.get(url)
    if (leg) return leg
    const { openRegistry, clock, wallClock, network } = this.#config
    const made = new RegistryLeg({
      ...this.#config,
      url,
      open: signal => openRegistry(url, signal),
      record: () => this.#record(),
      onRecord: record => {
        this.#directory.tell(url, record, RECORD_LASTS, clock.now(), Math.floor(wallClock() / 1_000))
      },
      onAsked: () => {
        this.#directory.told(url)
        this.#changed()
      },
      onRefused: no => this.#tellRefusal(url, no),
    })
    this.#legs.set(url, made)
    if (!this.#watchesRelays) {
      this.#watchesRelays = true
      this.#unwatchNetwork.push(
        network.watch(() => {
          for (const each of this.#legs.values()) each.networkChanged()
        }),
      )
    }
    return made
  }

  /** A registry says the same no for each record, each minute, for as long as it has no room. */
  #tellRefusal(url: string, no: No): void {
    const { clock, warn } = this.#config
    const what = `${no.reason} ${url}`
    if (clock.now() < (this.#refusals.get(what) ?? Number.NEGATIVE_INFINITY) + TOLD_AGAIN_AFTER) return
    this.#refusals.set(what, clock.now())
    warn(refusal(url, no))
  }

  #record(): PeerRecord {
    const { identity, wallClock } = this.#config
    const expires = Math.floor(wallClock() / 1_000) + RECORD_LASTS / 1_000
    return { id: identity.id, seq: this.#seq, expires, relays: this.#listeningAt }
  }

  #changed(): void {
    this.#directory.onTime(this.#config.clock.now())
    this.#alarm.set(this.#directory.deadline)
    let hasChanged = false
    for (let event = this.#directory.shift(); event; event = this.#directory.shift()) {
      hasChanged = true
      if (event.type === 'disappeared') this.#sightings.delete(toHex(event.peer.id))
    }
    if (hasChanged) this.#notify()
  }

  #notify(): void {
    for (const listener of this.#listeners) listener()
  }
}

function refusal(url: string, { reason, retryAfter }: No): SttError {
  const message = `the registry of the relay ${url} said no (${reason}): ${HELP[reason] ?? 'others of the seed may not find this node there'}`
  return new SttError('STT_BUSY', message, { details: { reason, retryAfter, relay: url } })
}

const HELP: Readonly<Record<string, string>> = {
  full: 'it has no room for another record, so others find this node by its id or at another relay only',
  auth: 'it serves others only. Its operator lets the holders of a seed in by their access key, and it has to be dialed by one of the URLs that it was told to have',
  rate: 'it was asked too often from this address, and is asked again later',
}

/** Two nodes may write the URL of one relay differently. What is no URL is no relay of this node. */
const serialized = (url: string): string => (URL.canParse(url) ? new URL(url).href : url)

/** As a source, among the URLs of relays. */
const LAN = 'lan'

/** Milliseconds. */
const TOLD_AGAIN_AFTER = 3_600_000
/** Milliseconds for which what a registry said holds. */
const RECORD_LASTS = 150_000
