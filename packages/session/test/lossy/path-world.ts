import type { Link } from '@stt/frame'
import type { SessionConfig } from '@stt/session'
import {
  createRandom,
  type LinkKind,
  type LinkPair,
  type LinkPairOptions,
  linkPair,
  type OnWire,
  type Random,
  VirtualLoop,
  type VirtualPath,
} from '@stt/testing'
import { createRecovery, End } from './session-pair.ts'

export type Direction = 'toServer' | 'toClient'

export interface NetworkOptions extends Pick<LinkPairOptions, 'toServer' | 'toClient' | 'tap'> {
  readonly kind: LinkKind
  readonly tier: number
}

/** A way between the two sides. Its faults hold for every link over it, also for those that are opened later. */
export class Network {
  readonly kind: LinkKind
  readonly tier: number
  readonly pairs: LinkPair[] = []
  readonly #options: NetworkOptions
  readonly #loop: VirtualLoop
  readonly #random: Random
  /** Bytes of the largest packet that passes in each direction; below zero nothing does. */
  readonly #largest: Record<Direction, number> = { toServer: OPEN, toClient: OPEN }
  readonly #held: { readonly direction: Direction; readonly pass: () => void }[] = []

  constructor(options: NetworkOptions, loop: VirtualLoop, random: Random) {
    this.kind = options.kind
    this.tier = options.tier
    this.#options = options
    this.#loop = loop
    this.#random = random
  }

  get isOpen(): boolean {
    return this.#largest.toServer === OPEN && this.#largest.toClient === OPEN
  }

  /** Milliseconds until a link is there: an address is at once, a connection takes two round trips. */
  get dialTime(): number {
    const { toServer, toClient } = this.#options
    return this.kind === 'datagram' ? 0 : 2 * ((toServer?.delay ?? 1) + (toClient?.delay ?? 1))
  }

  open(): LinkPair {
    const seed = this.#random.integer(2 ** 31)
    const pair = linkPair({
      ...this.#options,
      seed,
      loop: this.#loop,
      ...(this.kind === 'datagram' && { createRecovery }),
    })
    this.#gate(pair.toServer, 'toServer')
    this.#gate(pair.toClient, 'toClient')
    this.pairs.push(pair)
    return pair
  }

  /** From now on nothing passes that is larger than `largest`; a connection holds it back, and all that follows. */
  block(direction: Direction, largest = -1): void {
    this.#largest[direction] = largest
  }

  heal(): void {
    this.#largest.toServer = this.#largest.toClient = OPEN
    for (const { pass } of this.#held.splice(0)) pass()
  }

  /** Connections end at both sides. */
  kill(): void {
    if (this.kind === 'datagram') return
    for (const { client, server } of this.pairs) {
      client.close()
      server.close()
    }
  }

  #gate(path: VirtualPath<OnWire>, direction: Direction): void {
    const send = path.send.bind(path)
    path.send = (item, size) => {
      const pass = (): void => send(item, size)
      if (size <= this.#largest[direction] && !this.#held.some(each => each.direction === direction)) pass()
      else if (this.kind === 'message') this.#held.push({ direction, pass })
    }
  }
}

export interface WorldOptions {
  readonly seed: number
  /** The session begins over the first. */
  readonly networks: readonly NetworkOptions[]
  /** Whether a link over each of the others is opened beforehand. */
  readonly standby?: boolean
  readonly overrides?: Partial<SessionConfig>
}

/** Two sessions between which there are several networks; the initiator opens links over them as its session asks for them. */
export class World {
  readonly loop: VirtualLoop = new VirtualLoop()
  readonly random: Random
  readonly networks: readonly Network[]
  readonly initiator: End
  readonly responder: End
  readonly ends: readonly [End, End]
  /** Networks that the initiator's machine is not connected to. */
  readonly unplugged: Set<Network> = new Set()
  readonly #opening: Set<Network> = new Set()

  constructor({ seed, networks, standby = true, overrides }: WorldOptions) {
    this.random = createRandom(seed).fork('world')
    this.networks = networks.map(options => new Network(options, this.loop, this.random))
    const pair = this.networks[0]!.open()
    this.initiator = new End('initiator', pair, pair.client, seed, overrides ?? {})
    this.responder = new End('responder', pair, pair.server, seed, overrides ?? {})
    this.ends = [this.initiator, this.responder]
    this.initiator.session.attach(pair.client, this.networks[0]!.tier)
    this.initiator.onEvent = event => {
      if (event.type === 'path-wanted') this.#openAll(event.anew)
      if (event.type === 'path-closed') event.link.close()
    }
    for (const end of this.ends) {
      end.checksWindow = false
      end.drive()
    }
    if (standby) for (const network of this.networks.slice(1)) this.open(network)
  }

  /** The network that a side sends over. */
  networkOf(end: End): Network | undefined {
    const { link } = end.session
    return this.networks.find(({ pairs }) => pairs.some(pair => link === pair.client || link === pair.server))
  }

  /** Whether both sides send over the same link. */
  get isTogether(): boolean {
    const [client, server] = this.ends.map(({ session }) => session.link)
    return this.networks.some(({ pairs }) => pairs.some(pair => pair.client === client && pair.server === server))
  }

  /** Opens a link over a network, and gives it to the initiator's session, if that is to be had. */
  open(network: Network): void {
    if (this.#opening.has(network)) return
    this.#opening.add(network)
    this.loop.after(network.dialTime, () => {
      this.#opening.delete(network)
      if (this.unplugged.has(network) || (network.kind === 'message' && !network.isOpen)) return
      if (this.initiator.session.state !== 'active') return
      const { client, server } = network.open()
      this.responder.listen(server)
      this.initiator.session.addPath(client, network.tier, this.loop.now)
      this.initiator.drive()
    })
  }

  /** The initiator's machine loses its interface to a network: nothing passes there, and the system says so. */
  unplug(network: Network): void {
    this.unplugged.add(network)
    for (const direction of ['toServer', 'toClient'] as const) network.block(direction)
    for (const { client } of network.pairs) this.initiator.session.onUnreachable(client, this.loop.now)
    this.#onAddresses()
  }

  plug(network: Network): void {
    if (!this.unplugged.delete(network)) return
    network.heal()
    this.#onAddresses()
  }

  /** A NAT gives what comes from the initiator another address. */
  rebind(network: Network): void {
    if (network.kind === 'message') return
    for (const pair of network.pairs) this.responder.listen(pair.rebind())
  }

  #onAddresses(): void {
    if (!this.initiator.isAsleep) this.initiator.session.onNetworkChange(this.loop.now)
    this.initiator.drive()
  }

  /** Opens missing links now and then, as the owner of a session does. */
  keep(interval: number): void {
    this.loop.after(interval, () => {
      if (this.initiator.session.state !== 'active') return
      for (const network of this.networks) if (!this.#leadsOver(network)) this.open(network)
      this.keep(interval)
    })
  }

  /** A side writes `bytes` each so many milliseconds, until `until`. */
  write(end: End, bytes: number, interval: number, until: number): void {
    if (this.loop.now >= until) return
    end.source.queue(bytes)
    end.drive()
    this.loop.after(interval, () => this.write(end, bytes, interval, until))
  }

  /**
   * Lets time pass.
   *
   * @returns the longest time, in milliseconds, for which nothing new arrived at `end`
   */
  longestStall(end: End, until: number): number {
    let longest = 0
    let since = this.loop.now
    let received = end.source.received
    while (this.loop.now < until) {
      this.loop.runUntil(Math.min(until, this.loop.now + 10))
      if (end.source.received > received) since = this.loop.now
      received = end.source.received
      longest = Math.max(longest, this.loop.now - since)
    }
    return longest
  }

  #openAll(anew: boolean): void {
    for (const network of this.networks) if (anew || !this.#leadsOver(network)) this.open(network)
    this.loop.after(1_000, () => {
      if (this.initiator.session.needsPath) this.#openAll(false)
    })
  }

  #leadsOver({ pairs }: Network): boolean {
    const links: readonly Link[] = this.initiator.session.links
    return pairs.some(({ client }) => links.includes(client))
  }
}

const OPEN = Number.POSITIVE_INFINITY
