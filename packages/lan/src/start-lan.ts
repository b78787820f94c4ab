import { performance } from 'node:perf_hooks'
import type { Entropy } from '@stt/crypto'
import { SttError } from '@stt/errors'
import { LanAgent, type LanPorts, type LanStatistics } from './lan-agent.ts'
import { isFrom, type LanInterface, lanInterfaces } from './lan-interfaces.ts'
import { MulticastSocket } from './multicast-socket.ts'

export interface LanOptions {
  /** The node's own id, 32 bytes. */
  readonly id: Uint8Array
  /** `lan` of its seeds' rendezvous keys, the one that dials first. */
  readonly keys: () => readonly Uint8Array[]
  /** Where others can dial the node at an address of this machine; zeros where they cannot. */
  readonly ports: (address: string) => LanPorts
  /** Which interfaces are used, by name and whether they are internal. Default: all that lead out of this machine. */
  readonly isUsed?: (name: string, isInternal: boolean) => boolean
  readonly entropy: Entropy
  /** A node of a seed is there; `addresses` as `udp://…` and `ws://…`, `ttl` in milliseconds. */
  readonly onSeen: (peer: {
    readonly id: Uint8Array
    readonly addresses: readonly string[]
    readonly ttl: number
  }) => void
  /** A node says that it closes. */
  readonly onGone: (id: Uint8Array) => void
  /** Told of what does not work, once for each interface and cause: nothing else fails for it. */
  readonly onProblem: (error: SttError) => void
}

/** mDNS for one node, on all interfaces that there are. */
export interface Lan {
  /** How many interfaces, by family, are used now. */
  readonly interfaces: readonly { readonly name: string; readonly address: string; readonly answers: boolean }[]
  /** Asks who is there, until `unwatch`. */
  watch(): void
  unwatch(): void
  /** Interfaces, or the ports of the node, may be others than before: what failed is tried again. */
  changed(): void
  keysReplaced(): void
  getStatistics(): LanStatistics
  /** Says goodbye, and resolves when all sockets are closed. */
  close(): Promise<void>
}

/** Announces a node on the local network, and finds others of its seed there. Never throws or rejects for what a network does. */
export function startLan(options: LanOptions): Lan {
  return new RunningLan(options)
}

class RunningLan implements Lan {
  readonly #options: LanOptions
  readonly #places = new Map<string, Place>()
  /** Problems that were told. */
  readonly #told = new Set<string>()
  #isWatching = false
  #isClosed = false
  readonly #past = { received: 0, dropped: 0, wrong: 0 }

  constructor(options: LanOptions) {
    this.#options = options
    this.changed()
  }

  get interfaces(): readonly { readonly name: string; readonly address: string; readonly answers: boolean }[] {
    return [...this.#places.values()].flatMap(({ where, socket }) =>
      socket ? [{ name: where.name, address: where.address, answers: socket.isShared }] : [],
    )
  }

  watch(): void {
    this.#isWatching = true
    for (const place of this.#places.values()) {
      place.agent?.watch(performance.now())
      this.#drain(place)
    }
  }

  unwatch(): void {
    this.#isWatching = false
    for (const { agent } of this.#places.values()) agent?.unwatch()
  }

  changed(): void {
    if (this.#isClosed) return
    const now = new Map(
      this.#interfaces().map(where => [`${where.name} ${where.address}/${where.prefixLength}`, where]),
    )
    for (const [key, place] of [...this.#places]) if (!now.has(key)) this.#leave(key, place)
    for (const [key, where] of now) {
      const place = this.#places.get(key)
      if (place?.agent) {
        place.agent.announce(performance.now())
        if (this.#isWatching) place.agent.watch(performance.now())
        this.#drain(place)
      } else if (!place) void this.#enter(key, where)
    }
  }

  keysReplaced(): void {
    for (const place of this.#places.values()) {
      place.agent?.keysReplaced(performance.now())
      this.#drain(place)
    }
  }

  getStatistics(): LanStatistics {
    const all = [this.#past, ...[...this.#places.values()].flatMap(({ agent }) => agent?.getStatistics() ?? [])]
    const sum = (name: keyof LanStatistics): number => all.reduce((total, each) => total + each[name], 0)
    return { received: sum('received'), dropped: sum('dropped'), wrong: sum('wrong') }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const closing = [...this.#places.values()].map(place => {
      place.agent?.stop()
      this.#drain(place)
      clearTimeout(place.timer)
      return place.socket?.close()
    })
    this.#places.clear()
    await Promise.all(closing)
  }

  #interfaces(): readonly LanInterface[] {
    const { isUsed = (_, isInternal) => !isInternal } = this.#options
    try {
      return lanInterfaces(isUsed)
    } catch (cause) {
      this.#tell(
        'interfaces',
        new SttError(
          'STT_UNSUPPORTED',
          'this system does not tell its interfaces, so nothing is found on the local network',
          { cause },
        ),
      )
      return []
    }
  }

  async #enter(key: string, where: LanInterface): Promise<void> {
    const place: Place = { where, socket: undefined, agent: undefined, timer: undefined }
    this.#places.set(key, place)
    try {
      const socket = await MulticastSocket.open(where, {
        onPacket: (bytes, from) => this.#receive(place, bytes, from),
        onFailed: cause => this.#fail(key, place, cause),
      })
      if (this.#places.get(key) !== place) return void socket.close()
      place.socket = socket
      const { id, keys, ports, entropy } = this.#options
      const { address } = where
      place.agent = new LanAgent({ id, keys, entropy, address, ports: () => ports(address), answers: socket.isShared })
      if (!socket.isShared) this.#tell(`${where.name} port`, portTaken(where))
      place.agent.announce(performance.now())
      if (this.#isWatching) place.agent.watch(performance.now())
      this.#drain(place)
    } catch (cause) {
      this.#fail(key, place, cause)
    }
  }

  #receive(
    place: Place,
    bytes: Uint8Array,
    { address, port }: { readonly address: string; readonly port: number },
  ): void {
    if (!place.agent || !isFrom(place.where, address)) return
    place.agent.receive(bytes, { address: address.split('%')[0]!, port }, performance.now(), unixSeconds())
    this.#drain(place)
  }

  /** An interface that fails is out until something changes again. */
  // spec: STT-LAN-8
  #fail(key: string, place: Place, cause: unknown): void {
    if (this.#places.get(key) !== place) return
    this.#leave(key, place)
    const { name, address } = place.where
    const message = `mDNS does not work on ${name} (${address}) now, and is tried again when the network changes. ${HELP[process.platform] ?? ''}`
    this.#tell(`${name} failed`, new SttError('STT_LISTEN_FAILED', message.trim(), { cause }))
  }

  #leave(key: string, place: Place): void {
    this.#places.delete(key)
    clearTimeout(place.timer)
    void place.socket?.close()
    const past = place.agent?.getStatistics()
    if (past) for (const name of ['received', 'dropped', 'wrong'] as const) this.#past[name] += past[name]
  }

  #drain(place: Place): void {
    const { agent, socket, where } = place
    if (!agent || !socket) return
    for (;;) {
      const now = performance.now()
      const output = agent.poll(now, unixSeconds())
      if (output.type === 'transmit') {
        const { to } = output
        const withZone = to === 'group' || where.family === 4 ? to : { ...to, address: `${to.address}%${where.zone}` }
        socket.send(output.packet, withZone)
      } else if (output.type === 'timeout') {
        clearTimeout(place.timer)
        // Names change with the hour, whether or not there is anything to do.
        const wait = Math.min(Math.max(0, Math.ceil(output.at - now)), LONGEST_WAIT)
        place.timer = setTimeout(() => this.#drain(place), wait).unref()
        return
      } else if (output.event.type === 'gone') this.#options.onGone(output.event.id)
      else {
        const { id, address, ports, ttl } = output.event
        const host = where.family === 6 ? `[${address}%${where.zone}]` : address
        const addresses = [
          ports.udp > 0 ? `udp://${host}:${ports.udp}` : '',
          ports.ws > 0 ? `ws://${host}:${ports.ws}` : '',
        ]
        this.#options.onSeen({ id, addresses: addresses.filter(Boolean), ttl })
      }
    }
  }

  #tell(key: string, error: SttError): void {
    if (this.#told.has(key) || this.#told.size >= MOST_TOLD) return
    this.#told.add(key)
    this.#options.onProblem(error)
  }
}

interface Place {
  readonly where: LanInterface
  socket: MulticastSocket | undefined
  agent: LanAgent | undefined
  timer: NodeJS.Timeout | undefined
}

function portTaken({ name }: LanInterface): SttError {
  const message = `another program has UDP port 5353 for itself, so others do not find this node on ${name}; it finds them. End that program, or let it share the port`
  return new SttError('STT_ADDRESS_IN_USE', message)
}

const unixSeconds = (): number => Math.floor(Date.now() / 1_000)

const HELP: Readonly<Record<string, string>> = {
  darwin:
    'On macOS a program needs the permission for the local network: System Settings, Privacy & Security, Local Network',
}

const LONGEST_WAIT = 60_000
const MOST_TOLD = 64
