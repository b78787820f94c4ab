import type { Random } from './random.ts'
import type { VirtualLoop } from './virtual-loop.ts'

/** An address and a port of UDP. */
export interface Endpoint {
  readonly address: string
  readonly port: number
}

/** A datagram on its way. */
export interface VirtualDatagram {
  readonly from: Endpoint
  readonly to: Endpoint
  readonly bytes: Uint8Array
  /** Whether it goes a few hops only: it leaves the networks that it is in, and comes no further. */
  readonly isShort: boolean
}

/**
 * How a NAT behaves, in the words of RFC 4787: it has one outer port for each inner one (endpoint-independent mapping), for each
 * address that is sent to, or for each address and port; and lets in what comes from anywhere, from addresses, or from addresses and
 * ports that were sent to.
 */
export interface NatBehavior {
  readonly mapping: 'EIM' | 'ADM' | 'APDM'
  readonly filtering: 'EIF' | 'ADF' | 'APDF'
  readonly ports: 'preserve' | 'random' | 'next'
  /** The effect of an unsolicited datagram on a port: none, or the NAT uses another port for its sender. */
  readonly inboundFirst: 'drop' | 'poison'
}

/** Where datagrams go that are for nobody here: the internet, or the network that a NAT stands in. */
export interface VirtualNetwork {
  send(datagram: VirtualDatagram): void
  join(address: string, receive: (datagram: VirtualDatagram) => void): void
}

/** The internet: what is sent arrives after a while, or is lost. */
export class VirtualInternet implements VirtualNetwork {
  readonly #loop: VirtualLoop
  readonly #random: Random
  readonly #hosts = new Map<string, (datagram: VirtualDatagram) => void>()
  /** Milliseconds, one way. */
  latency = 20
  /** Probability. */
  loss = 0
  /** Datagrams that never arrive. */
  swallows: (datagram: VirtualDatagram) => boolean = () => false
  /** Datagrams so far, those that were lost and those for nobody too. */
  readonly seen: VirtualDatagram[] = []

  constructor(loop: VirtualLoop, random: Random) {
    this.#loop = loop
    this.#random = random
  }

  join(address: string, receive: (datagram: VirtualDatagram) => void): void {
    this.#hosts.set(address, receive)
  }

  send(datagram: VirtualDatagram): void {
    this.seen.push(datagram)
    if (datagram.isShort || this.swallows(datagram) || this.#random.chance(this.loss)) return
    this.#loop.after(this.latency, () => this.#hosts.get(datagram.to.address)?.(datagram))
  }
}

/** A home behind one outer address. */
export class NatBox implements VirtualNetwork {
  readonly #loop: VirtualLoop
  readonly #random: Random
  readonly #outside: VirtualNetwork
  readonly #address: string
  readonly #behavior: NatBehavior
  readonly #hosts = new Map<string, (datagram: VirtualDatagram) => void>()
  /** By what they are for. */
  readonly #mappings = new Map<string, Mapping>()
  /** Ports that somebody outside was faster at, with who that was. */
  readonly #poisoned = new Set<string>()
  #nextPort = 40_000

  constructor(loop: VirtualLoop, random: Random, outside: VirtualNetwork, address: string, behavior: NatBehavior) {
    this.#loop = loop
    this.#random = random
    this.#outside = outside
    this.#address = address
    this.#behavior = behavior
    outside.join(address, datagram => this.#receive(datagram))
  }

  join(address: string, receive: (datagram: VirtualDatagram) => void): void {
    this.#hosts.set(address, receive)
  }

  send(datagram: VirtualDatagram): void {
    const neighbour = this.#hosts.get(datagram.to.address)
    if (neighbour) return void this.#loop.after(1, () => neighbour(datagram))
    // There is no way back in from inside.
    if (datagram.to.address === this.#address) return
    const mapping = this.#mappingFor(datagram.from, datagram.to)
    mapping.sentTo.set(`${datagram.to.address} ${datagram.to.port}`, this.#loop.now)
    mapping.usedAt = this.#loop.now
    this.#outside.send({ ...datagram, from: { address: this.#address, port: mapping.port } })
  }

  /** As `conntrack -F` does. */
  forget(): void {
    this.#mappings.clear()
    this.#poisoned.clear()
  }

  #receive(datagram: VirtualDatagram): void {
    const { from, to } = datagram
    const now = this.#loop.now
    for (const mapping of this.#mappings.values()) {
      if (mapping.port !== to.port || this.#isOver(mapping) || !this.#lets(mapping, from)) continue
      mapping.usedAt = now
      mapping.isStream = true
      this.#hosts.get(mapping.inner.address)?.({ ...datagram, to: mapping.inner })
      return
    }
    if (this.#behavior.inboundFirst === 'poison') this.#poisoned.add(`${to.port} ${from.address} ${from.port}`)
  }

  #lets({ sentTo }: Mapping, from: Endpoint): boolean {
    const { filtering } = this.#behavior
    if (filtering === 'EIF') return true
    if (filtering === 'APDF') return sentTo.has(`${from.address} ${from.port}`)
    return [...sentTo.keys()].some(key => key.startsWith(`${from.address} `))
  }

  #mappingFor(inner: Endpoint, to: Endpoint): Mapping {
    const own = `${inner.address} ${inner.port}`
    const { mapping: kind } = this.#behavior
    const scope = kind === 'EIM' ? own : kind === 'ADM' ? `${own} ${to.address}` : `${own} ${to.address} ${to.port}`
    const known = this.#live(scope)
    // The port is taken for this one destination: it gets another, and all others keep theirs.
    if (known && !this.#poisoned.has(`${known.port} ${to.address} ${to.port}`)) return known
    const key = known ? `${scope} only ${to.address} ${to.port}` : scope
    const mapping = this.#live(key) ?? {
      inner,
      port: this.#freePort(inner.port),
      sentTo: new Map(),
      usedAt: 0,
      isStream: false,
    }
    this.#mappings.set(key, mapping)
    return mapping
  }

  #live(key: string): Mapping | undefined {
    const mapping = this.#mappings.get(key)
    return mapping && !this.#isOver(mapping) ? mapping : undefined
  }

  #isOver({ usedAt, isStream }: Mapping): boolean {
    return this.#loop.now - usedAt > (isStream ? STREAM_LASTS : UNREPLIED_LASTS)
  }

  #freePort(inner: number): number {
    const { ports } = this.#behavior
    const taken = new Set([...this.#mappings.values()].map(({ port }) => port))
    for (;;) {
      const port =
        ports === 'preserve' && !taken.has(inner)
          ? inner
          : ports === 'next'
            ? this.#nextPort++
            : 1_024 + this.#random.integer(64_000)
      if (!taken.has(port)) return port
    }
  }
}

interface Mapping {
  readonly inner: Endpoint
  readonly port: number
  /** Whom it was sent to, with when. */
  readonly sentTo: Map<string, number>
  usedAt: number
  isStream: boolean
}

/** Milliseconds, as Linux has them. */
const UNREPLIED_LASTS = 30_000
const STREAM_LASTS = 120_000
