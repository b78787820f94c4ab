import { performance } from 'node:perf_hooks'
import { type Hearing, LanAgent, type LanAgentOptions, type LanStatistics } from './lan-agent.ts'
import { isFrom, type LanInterface } from './lan-interfaces.ts'
import { MulticastSocket } from './multicast-socket.ts'

/** A node of a seed on the local network. */
export interface LanPeer {
  /** Its node id, 32 bytes. */
  readonly id: Uint8Array
  /** Where it can be dialed, as `udp://…` and `ws://…`. */
  readonly addresses: readonly string[]
  /** Milliseconds for which that holds. */
  readonly ttl: number
}

/** An address of an interface that mDNS uses, and its state. */
export interface LanState {
  /** Name of the interface: `eth0`. */
  readonly name: string
  /** IP address without a zone. */
  readonly address: string
  /** Whether others find this node there; false if another program holds the mDNS port exclusively. */
  readonly answers: boolean
  /** Whose packets arrived there. Unless it is `others`, either no other node is there or something blocks their packets. */
  readonly heard: Hearing
}

export interface LanPlaceHost extends Pick<LanAgentOptions, 'id' | 'keys' | 'entropy'> {
  /** The ports at which the node can be dialed at an address of this machine. */
  readonly ports: (address: string) => ReturnType<LanAgentOptions['ports']>
  /** Called when a node of the seed is seen. */
  readonly onSeen: (peer: LanPeer) => void
  /** Called when a node says that it closes. */
  readonly onGone: (id: Uint8Array) => void
  /** Called when the place has failed and was closed. */
  readonly onFailed: (place: LanPlace, cause: unknown) => void
  /** Called when no packet arrives there, not even the node's own. */
  readonly onDeaf: (where: LanInterface) => void
}

/** The mDNS of a node on one address of one interface: socket, engine and timer. */
export class LanPlace {
  readonly where: LanInterface
  readonly #host: LanPlaceHost
  readonly #socket: MulticastSocket
  readonly #agent: LanAgent
  #timer: NodeJS.Timeout | undefined
  #isOver = false

  private constructor(where: LanInterface, host: LanPlaceHost, socket: MulticastSocket) {
    this.where = where
    this.#host = host
    this.#socket = socket
    const { address } = where
    this.#agent = new LanAgent({ ...host, address, ports: () => host.ports(address), answers: socket.isShared })
  }

  /** Opens the socket. Rejects with `STT_LISTEN_FAILED` if the interface has no multicast. */
  static async open(where: LanInterface, host: LanPlaceHost): Promise<LanPlace> {
    let place: LanPlace | undefined
    // Neither handler is called before the turn in which the socket opened is over.
    const socket = await MulticastSocket.open(where, {
      onPacket: (bytes, from) => {
        if (place) place.#receive(bytes, from)
      },
      onFailed: cause => {
        void place?.leave()
        if (place) host.onFailed(place, cause)
      },
    })
    place = new LanPlace(where, host, socket)
    return place
  }

  get state(): LanState {
    const { name, address } = this.where
    return { name, address, answers: this.#socket.isShared, heard: this.#agent.heard }
  }

  announce(): void {
    this.#agent.announce(performance.now())
    this.#drain()
  }

  watch(): void {
    this.#agent.watch(performance.now())
    this.#drain()
  }

  unwatch(): void {
    this.#agent.unwatch()
  }

  keysReplaced(): void {
    this.#agent.keysReplaced(performance.now())
    this.#drain()
  }

  getStatistics(): LanStatistics {
    return this.#agent.getStatistics()
  }

  /** Says goodbye and closes. Resolves when the socket is closed. */
  close(): Promise<void> {
    this.#agent.stop()
    this.#drain()
    return this.leave()
  }

  /** Closes without a goodbye. */
  leave(): Promise<void> {
    this.#isOver = true
    clearTimeout(this.#timer)
    return this.#socket.close()
  }

  #receive(bytes: Uint8Array, { address, port }: { readonly address: string; readonly port: number }): void {
    if (!isFrom(this.where, address)) return
    this.#agent.receive(bytes, { address: address.split('%')[0]!, port }, performance.now(), unixSeconds())
    this.#drain()
  }

  #drain(): void {
    const { zone, family } = this.where
    while (!this.#isOver) {
      const now = performance.now()
      const output = this.#agent.poll(now, unixSeconds())
      if (output.type === 'transmit') {
        const { to } = output
        const withZone = to === 'group' || family === 4 ? to : { ...to, address: `${to.address}%${zone}` }
        this.#socket.send(output.packet, withZone)
      } else if (output.type === 'timeout') {
        clearTimeout(this.#timer)
        // Names change with the hour, so poll at least once a minute.
        const wait = Math.min(Math.max(0, Math.ceil(output.at - now)), LONGEST_WAIT)
        this.#timer = setTimeout(() => this.#drain(), wait).unref()
        return
      } else if (output.event.type === 'gone') this.#host.onGone(output.event.id)
      else if (output.event.type === 'deaf') this.#host.onDeaf(this.where)
      else {
        const { id, address, ports, ttl } = output.event
        const host = family === 6 ? `[${address}%${zone}]` : address
        const addresses = [
          ports.udp > 0 ? `udp://${host}:${ports.udp}` : '',
          ports.ws > 0 ? `ws://${host}:${ports.ws}` : '',
        ]
        this.#host.onSeen({ id, addresses: addresses.filter(Boolean), ttl })
      }
    }
  }
}

const unixSeconds = (): number => Math.floor(Date.now() / 1_000)

const LONGEST_WAIT = 60_000
