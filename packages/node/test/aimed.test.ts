import type { Candidate } from '@stt/frame'
import type { Punching, PunchingPlugin } from '@stt/session'
import { createRandom, VirtualInternet } from '@stt/testing'
import { expect, test } from 'vitest'
import type { PunchingPlatform } from '../src/punch/punching-platform.ts'
// Loaded when it is first needed, which takes no virtual time.
import '../src/relay/relays.ts'
import { RELAY } from './nat-places.ts'
import { first } from './nodes.ts'
import { answerBinds, VirtualHost } from './virtual-hosts.ts'
import { type Node, RelayWorld } from './virtual-relays.ts'

// aimed of the scenarios. What names URLs (NO, elsewhere) is in relays-in-time.test.ts.

const RELAY_IP = '198.51.100.1'
/** Where somebody may be aimed at, a little. */
const PUBLIC = ['198.51.100.77', '198.51.100.78', '198.51.100.79', '2001:db8:1::7', '2001:db8:2::7', '2001:db8:3::7']
const FORBIDDEN = [
  ...[
    '127.0.0.1',
    '169.254.169.254',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '224.0.0.251',
    '255.255.255.255',
    '0.0.0.1',
  ],
  ...['::1', 'fe80::1', 'fd00::1', 'ff02::1', '::'],
]
const candidate = (address: string, port = 53): Candidate => ({ source: 'host', address, port })
const NAMED = [
  ...PUBLIC.map(address => candidate(address)),
  ...FORBIDDEN.map(address => candidate(address)),
  candidate('198.51.100.77', 0),
]

/** What leaves one host. */
interface Sent {
  readonly at: number
  readonly to: string
  readonly size: number
}

class Scene {
  readonly world: RelayWorld = new RelayWorld(5)
  readonly internet: VirtualInternet
  readonly #random = createRandom(5)
  #hosts = 0

  constructor() {
    this.internet = new VirtualInternet(this.world.loop, this.#random.fork('network'))
    answerBinds(this.internet, { address: RELAY_IP, port: 3_478 })
    this.world.relay(RELAY, { udpPorts: [3_478, 3_479] })
  }

  /** A node on the internet. @param lie what it makes of what it says of addresses */
  async node(listens: boolean, lie: (part: Punching) => void = () => {}): Promise<Node> {
    const { punching } = new VirtualHost(this.internet, `203.0.113.${++this.#hosts}`, 50_000)
    const Plugin = punching.plugin.constructor as typeof PunchingPlugin
    const plugin = new Plugin(host => {
      const part = punching.plugin.create(host)
      lie(part)
      return part
    })
    const platform: PunchingPlatform = { ...punching, plugin }
    const options = { relays: [RELAY], ...(!listens && { listen: [] }) }
    return this.world.node(options, 0, { punching: platform, resolve: async name => [name] })
  }

  /** Datagrams of a host, those aside with which it asks the relay where it is. */
  record(address: string): Sent[] {
    const sent: Sent[] = []
    const send = this.internet.send.bind(this.internet)
    this.internet.send = datagram => {
      const { from, to, bytes } = datagram
      if (from.address === address && to.address !== RELAY_IP) {
        sent.push({ at: this.world.loop.now, to: to.address, size: bytes.length })
      }
      send(datagram)
    }
    return sent
  }
}

/** Whoever is asked where it is names others, eight at a time, each time the next ones. */
function liar(): { readonly lie: (part: Punching) => void; readonly again: () => void } {
  let at = 0
  let again = (): void => {}
  const next = (): Candidate[] => Array.from({ length: 8 }, () => NAMED[at++ % NAMED.length]!)
  const lie = (part: Punching): void => {
    const [tell, begin] = [part.tellAddresses.bind(part), part.begin.bind(part)]
    part.tellAddresses = () => tell(next())
    part.begin = (_own, targets, _allow, now) => begin(next(), targets, () => true, now)
    again = () => tell(next())
  }
  return { lie, again: () => again() }
}

/** At most so many in any time of this length. */
function expectAtMost(most: number, sent: readonly Sent[], milliseconds: number): void {
  for (const { at } of sent) {
    expect(sent.filter(other => other.at >= at && other.at < at + milliseconds).length).toBeLessThanOrEqual(most)
  }
}

// spec: STT-PKT-63 STT-PKT-65 STT-PKT-66
test.each(['listener', 'dialer'])(
  'a %s that names others as itself draws few packets to few addresses, and none to forbidden ones',
  async who => {
    const scene = new Scene()
    const { world } = scene
    const { lie, again } = liar()
    const isListener = who === 'listener'
    const server = await scene.node(true, isListener ? lie : undefined)
    const client = await scene.node(false, isListener ? undefined : lie)
    const honest = isListener ? '203.0.113.2' : '203.0.113.1'
    const sent = scene.record(honest)
    // Of what the liar sends over UDP nothing arrives: it is not found out, and tried again.
    scene.internet.swallows = ({ from, to }) =>
      from.address !== honest && to.address === honest && from.address !== RELAY_IP
    const accepting = first(server.sessions())
    const session = await world.run(client.connect({ peer: server.id }))
    await world.run(accepting)
    for (let i = 0; i < 200; i++) {
      if (isListener) again()
      await world.run(session.ping())
      await world.pass(500)
    }
    expect(sent.length).toBeGreaterThan(20)
    expect([...new Set(sent.map(({ to }) => to))].filter(to => !PUBLIC.includes(to))).toEqual([])
    expect(new Set(sent.map(({ size }) => size))).toEqual(new Set([42]))
    for (const victim of PUBLIC)
      expectAtMost(
        2 * 9,
        sent.filter(({ to }) => to === victim),
        9_900,
      )
    expectAtMost(200, sent, 1_000)
    // In one round: two addresses of IPv4, and two networks of IPv6.
    for (const { at } of sent) {
      const round = new Set(sent.filter(other => other.at >= at && other.at < at + 1_900).map(({ to }) => to))
      expect([...round].filter(to => !to.includes(':')).length).toBeLessThanOrEqual(4)
    }
    expect(session.path).toMatchObject({ relayed: true })
  },
)

// spec: STT-PKT-67
test('a node that claims to see another elsewhere sends no third node there', async () => {
  const scene = new Scene()
  const { world, internet } = scene
  const victim = '198.51.100.77'
  const server = await scene.node(true)
  const liar = await scene.node(false, part => {
    const tell = part.tellObserved.bind(part)
    part.tellObserved = () => tell(candidate(victim))
  })
  const lied = await world.run(liar.connect({ peer: server.id }))
  await world.until(() => lied.path?.kind === 'udp', 10_000)
  await world.run(lied.ping())
  const honest = await scene.node(false)
  const session = await world.run(honest.connect({ peer: server.id }))
  await world.until(() => session.path?.kind === 'udp', 10_000)
  await world.pass(700_000)
  expect(internet.seen.filter(({ to }) => to.address === victim)).toEqual([])
})
