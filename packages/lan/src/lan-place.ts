import { performance } from 'node:perf_hooks'
import { type Hearing, LanAgent, type LanAgentOptions, type LanStatistics } from './lan-agent.ts'
import { isFrom, type LanInterface } from './lan-interfaces.ts'
import { MulticastSocket } from './multicast-socket.ts'

/** A node of a seed that is there: `addresses` as `udp://…` and `ws://…`, `ttl` in milliseconds. */
export interface LanPeer {
  readonly id: Uint8Array
  readonly addresses: readonly string[]
  readonly ttl: number
}

/** An address of an interface on which mDNS is spoken. */
export interface LanState {
  readonly name: string
  readonly address: string
  /** Whether others hear of this node there: not where another program has the port of mDNS for itself. */
  readonly answers: boolean
  /** Whose packets were heard there: where it is not those of others nobody else is there, or something keeps them back. */
  readonly heard: Hearing
}

export interface LanPlaceHost extends Pick<LanAgentOptions, 'id' | 'keys' | 'entropy'> {
  /** Where others can dial the node at an address of this machine. */
  readonly ports: (address: string) => ReturnType<LanAgentOptions['ports']>
  readonly onSeen: (peer: LanPeer) => void
  readonly onGone: (id: Uint8Array) => void
  /** It works no more, and has been closed. */
  readonly onFailed: (place: LanPlace, cause: unknown) => void
  /** It hears nothing there, not even itself. */
  readonly onDeaf: (where: LanInterface) => void
}

/** A node on one address of one interface: socket, engine and timer. */
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

  /** Rejects with `STT_LISTEN_FAILED` where the interface takes no groups. */
  static async open(where: LanInterface, host: LanPlaceHost): Promise<LanPlace> {
    let place: LanPlace | undefined
    // Neither is called before the turn in which it opened is over.
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

  /** Says goodbye, and resolves when the socket is closed. */
  close(): Promise<void> {
    this.#agent.stop()
    this.#drain()
    return this.leave()
  }

  /** Ends without a word. */
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
        // Names change with the hour, whether or not there is anything to do.
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
