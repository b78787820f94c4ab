import { createRandom, type NatBehavior, NatBox, VirtualInternet, type VirtualNetwork } from '@stt/testing'
import type { Environment } from '../src/core/environment.ts'
import type { PathOptions, Session } from '../src/index.ts'
import { watchNode } from '../src/observe/diagnostics.ts'
import type { PunchRound } from '../src/punch/session-puncher.ts'
import type { NodeStreamCore } from '../src/stream/node-stream-core.ts'
// Loaded when it is first needed, which takes no virtual time.
import '../src/relay/relays.ts'
import { first } from './nodes.ts'
import { answerBinds, VirtualHost } from './virtual-hosts.ts'
import { type Node, RelayWorld, type VirtualRelay } from './virtual-relays.ts'

/** Where a node is: on the internet itself, or behind one NAT or several, the inner one last. */
export type Place = readonly NatBehavior[]

export const home: NatBehavior = { mapping: 'EIM', filtering: 'APDF', ports: 'preserve', inboundFirst: 'drop' }
export const PLACES: Readonly<Record<string, Place>> = {
  public: [],
  'full cone': [{ ...home, filtering: 'EIF' }],
  home: [home],
  restricted: [{ ...home, filtering: 'ADF', ports: 'random' }],
  poison: [{ ...home, inboundFirst: 'poison' }],
  random: [{ ...home, mapping: 'APDM', ports: 'random' }],
  'next, by address': [{ mapping: 'ADM', filtering: 'ADF', ports: 'next', inboundFirst: 'drop' }],
  'random, open': [{ ...home, mapping: 'APDM', filtering: 'EIF', ports: 'random' }],
  double: [home, { ...home, ports: 'random' }],
}

/** Whether two such places can have a direct way between them: what a NAT's port is can be told, or those who come from another are let in. */
export function isPossible(a: Place, b: Place): boolean {
  const [x, y] = [a, b].map(place => ({
    isPredictable: place.every(({ mapping }) => mapping === 'EIM'),
    staysForAnAddress: place.every(({ mapping }) => mapping !== 'APDM'),
    lets: place.some(({ filtering }) => filtering === 'APDF')
      ? 'port'
      : place.some(({ filtering }) => filtering === 'ADF')
        ? 'address'
        : 'all',
  })) as [Judged, Judged]
  if (x.isPredictable && y.isPredictable) return true
  if (x.isPredictable) return x.lets !== 'port'
  if (y.isPredictable) return y.lets !== 'port'
  // Where both take another port for each port of the other, each answer comes from somewhere new, without end.
  if (!x.staysForAnAddress && !y.staysForAnAddress) return false
  return (x.lets === 'all' && y.lets !== 'port') || (y.lets === 'all' && x.lets !== 'port')
}

interface Judged {
  readonly staysForAnAddress: boolean
  readonly isPredictable: boolean
  readonly lets: 'all' | 'address' | 'port'
}

export const RELAY = 'wss://198.51.100.1'

export async function meet(
  places: readonly [Place, Place],
  seed = 1,
  loss = 0,
  paths: readonly [PathOptions, PathOptions] = [{}, {}],
  metadata = '',
  claimed: readonly (readonly string[])[] = [],
): Promise<Meeting> {
  const world = new RelayWorld(seed)
  const random = createRandom(seed).fork('network')
  const internet = new VirtualInternet(world.loop, random)
  internet.loss = loss
  answerBinds(internet, { address: '198.51.100.1', port: 3_478 })
  const relay = world.relay(RELAY, { udpPorts: [3_478, 3_479] })
  const hosts = places.map((place, i) => {
    let network: VirtualNetwork = internet
    place.forEach((behavior, depth) => {
      const address = depth === 0 ? `203.0.${113 + i}.7` : `100.64.${i}.7`
      network = new NatBox(world.loop, random, network, address, behavior)
    })
    const address = place.length === 0 ? `203.0.${113 + i}.9` : `192.168.${i}.2`
    return new VirtualHost(network, address, 50_000 + random.integer(10_000))
  })
  hosts.forEach((host, i) => {
    host.claimed.push(...(claimed[i] ?? []))
  })
  const rounds: [PunchRound[], PunchRound[]] = [[], []]
  const [server, client] = [
    await world.node({ relays: [RELAY], metadata, paths: paths[0] }, 0, platform(hosts[0]!, rounds[0])),
    await world.node({ relays: [RELAY], listen: [], metadata, paths: paths[1] }, 0, platform(hosts[1]!, rounds[1])),
  ]
  const accepting = first(server.sessions())
  const session = await world.run(client.connect({ peer: server.id }))
  const accepted = await world.run(accepting)
  return { world, internet, relay, session, accepted, server, client, rounds }
}

/** Two nodes that have met at a relay. */
export interface Meeting {
  readonly world: RelayWorld
  readonly internet: VirtualInternet
  readonly relay: VirtualRelay
  readonly session: Session
  readonly accepted: Session
  readonly server: Node
  readonly client: Node
  /** What came of rounds of hole punching, of the server's and of the client's. */
  readonly rounds: readonly [readonly PunchRound[], readonly PunchRound[]]
}

const platform = (host: VirtualHost, rounds: PunchRound[]): Partial<Environment<NodeStreamCore>> => ({
  punching: host.punching,
  resolve: async name => [name],
  watch: id => {
    const watcher = watchNode(id, undefined)
    return {
      ...watcher,
      onSession: (...session) => ({ ...watcher.onSession(...session)!, onPunched: round => rounds.push(round) }),
    }
  },
})
