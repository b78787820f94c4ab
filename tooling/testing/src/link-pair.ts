import type { Link, LossRecovery } from '@stt/frame'
import type { Conditions } from './conditions.ts'
import { createRandom, type Random } from './random.ts'
import { type ScenarioName, scenarios } from './scenarios.ts'
import { type LinkKind, type OnWire, VirtualLink } from './virtual-link.ts'
import { VirtualLoop } from './virtual-loop.ts'
import { VirtualPath } from './virtual-path.ts'

export interface LinkPairOptions {
  readonly seed: number
  readonly kind: LinkKind
  /** Bytes; 1,200 on datagram links and 65,535 on message links unless given. */
  readonly maxPacketSize?: number
  /** A network by name; the conditions below are laid over it. */
  readonly scenario?: ScenarioName
  readonly toServer?: Partial<Conditions>
  readonly toClient?: Partial<Conditions>
  /** The loss recovery of both ends; none unless given. */
  readonly createRecovery?: ((link: Link) => LossRecovery) | undefined
  /** The clock to share with others; a new one unless given. */
  readonly loop?: VirtualLoop
  /** Sees each packet as it is sent: a wiretap. The bytes are valid only during the call. */
  readonly tap?: (packet: Uint8Array, direction: 'to-server' | 'to-client') => void
}

/** Two ends of one virtual network. Everything happens inside `loop`; nothing happens inside a call of `send`. */
export interface LinkPair {
  readonly loop: VirtualLoop
  readonly client: Link
  /** The server's end for the address that the client has now. */
  readonly server: Link
  readonly toServer: VirtualPath<OnWire>
  readonly toClient: VirtualPath<OnWire>
  /**
   * Gives the client another address, as a NAT does when it forgets: what it sends arrives on a new server end,
   * which is returned; the old one can neither send nor receive. Datagram pairs only.
   */
  rebind(): Link
  /** Two more ends from another address over a network of the same conditions: an attacker's, or a second peer's. */
  another(remote: string): { readonly client: Link; readonly server: Link }
  /** Takes a datagram link's size down or up, as path discovery does. */
  setMaxPacketSize(size: number): void
}

export function linkPair(options: LinkPairOptions): LinkPair {
  const { kind, createRecovery } = options
  const loop = options.loop ?? new VirtualLoop()
  const random = createRandom(options.seed)
  const scenario = scenarios[options.scenario ?? 'quiet']
  const scheme = kind === 'message' ? 'ws' : 'udp'
  let maxPacketSize = options.maxPacketSize ?? (kind === 'message' ? 65_535 : 1_200)

  const end = (remote: string): VirtualLink =>
    new VirtualLink({ kind, maxPacketSize, remote, loop, highWater: kind === 'message' ? 1_048_576 : 64, createRecovery }) // biome-ignore format: one line

  const path = (
    direction: 'to-server' | 'to-client',
    from: () => VirtualLink,
    to: () => VirtualLink,
    stream: Random,
  ): VirtualPath<OnWire> => {
    const toServer = direction === 'to-server'
    const made = new VirtualPath<OnWire>({
      loop,
      random: stream,
      reliable: kind === 'message',
      conditions: toServer
        ? { ...scenario.toServer, ...options.toServer }
        : { ...scenario.toClient, ...options.toClient },
      corrupt: (item, source) => (item === 'end' ? item : damage(item, source)),
      deliver: (item, size) => {
        if (kind === 'message') from().departed(size)
        to().deliver(item)
      },
    })
    if (options.tap) tapped(made, direction, options.tap)
    return made
  }

  const client = end(`${scheme}://10.0.0.1:4433`)
  let server = end(`${scheme}://10.0.0.2:50000`)
  let rebound = 0
  const toServer = path('to-server', () => client, () => server, random.fork('to-server')) // biome-ignore format: one line
  const toClient = path('to-client', () => server, () => client, random.fork('to-client')) // biome-ignore format: one line
  client.attach(toServer)
  server.attach(toClient)

  return {
    loop,
    client,
    get server() {
      return server
    },
    toServer,
    toClient,
    rebind() {
      if (kind === 'message') throw new TypeError('a message link ends when an address changes: make a new pair')
      server.attach(undefined)
      server = end(`${scheme}://10.0.0.2:${50_000 + ++rebound}`)
      server.attach(toClient)
      return server
    },
    another(remote) {
      const otherClient = end(client.remote)
      const otherServer = end(remote)
      otherClient.attach(path('to-server', () => otherClient, () => otherServer, random.fork(remote))) // biome-ignore format: one line
      otherServer.attach(path('to-client', () => otherServer, () => otherClient, random.fork(`${remote} back`))) // biome-ignore format: one line
      return { client: otherClient, server: otherServer }
    },
    setMaxPacketSize(size) {
      maxPacketSize = client.maxPacketSize = server.maxPacketSize = size
    },
  }
}

/** One flipped bit, or one time in four a packet cut short. */
function damage(packet: Uint8Array, random: Random): Uint8Array {
  if (packet.length === 0) return packet
  if (random.chance(0.25)) return packet.slice(0, random.integer(packet.length))
  const copy = packet.slice()
  const at = random.integer(copy.length)
  copy[at] = copy[at]! ^ (1 << random.integer(8))
  return copy
}

function tapped(
  path: VirtualPath<OnWire>,
  direction: 'to-server' | 'to-client',
  tap: NonNullable<LinkPairOptions['tap']>,
): void {
  const send = path.send.bind(path)
  path.send = (item, size) => {
    if (item !== 'end') tap(item, direction)
    send(item, size)
  }
}
