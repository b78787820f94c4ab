import { createRandom, NatBox, VirtualInternet } from '@stt/testing'
import { describe, expect, test } from 'vitest'
import type { PathCandidate } from '../src/index.ts'
import { pattern } from './bytes.ts'
import { home, isPossible, meet, PLACES, RELAY } from './nat-places.ts'
import { collect, expectBytes, first } from './nodes.ts'
import { answerBinds, VirtualHost } from './virtual-hosts.ts'
import { RelayWorld } from './virtual-relays.ts'

const names = Object.keys(PLACES)
const pairs = names.flatMap(a => names.map((b): [string, string] => [a, b]))

// spec: STT-PKT-61 STT-PKT-62 STT-PKT-63
describe('a session that began at a relay goes over UDP exactly where two NATs allow it', () => {
  test.each(pairs)('%s is dialed from %s', async (a, b) => {
    const places = [PLACES[a]!, PLACES[b]!] as const
    const { world, session, accepted } = await meet(places)
    if (isPossible(...places)) {
      expect(await world.until(() => session.path?.kind === 'udp', 4_000)).toBeLessThanOrEqual(2_000)
      await world.until(() => accepted.path?.kind === 'udp', 3_000)
    } else {
      await world.pass(30_000)
      expect(session.path).toMatchObject({ relayed: true, state: 'active' })
    }
    await world.run(session.ping())
  })
})

test('two nodes behind one NAT go over the local network', async () => {
  const world = new RelayWorld()
  const random = createRandom(3)
  const internet = new VirtualInternet(world.loop, random)
  answerBinds(internet, { address: '198.51.100.1', port: 3_478 })
  world.relay(RELAY, { udpPorts: [3_478, 3_479] })
  const nat = new NatBox(world.loop, random, internet, '203.0.113.7', home)
  const resolve = async (host: string) => [host]
  const on = (address: string) => ({
    punching: new VirtualHost(nat, address, 50_000).punching,
    resolve,
    tierOf: nearTier,
  })
  const server = await world.node({ relays: [RELAY] }, 0, on('192.168.0.2'))
  const client = await world.node({ relays: [RELAY], listen: [] }, 0, on('192.168.0.3'))
  const session = await world.run(client.connect({ peer: server.id }))
  expect(await world.until(() => session.path?.kind === 'udp', 4_000)).toBeLessThanOrEqual(1_000)
  expect(session.path).toMatchObject({ tier: 0, remote: 'udp://192.168.0.2:50000' })
})

test('data goes on while the session moves, and when the direct way dies it goes by the relay, and comes back', async () => {
  const { world, internet, session, accepted } = await meet([PLACES['home']!, PLACES['home']!])
  const received = first(accepted.streams()).then(stream => collect(stream))
  const stream = await session.openStream()
  const bytes = pattern(600_000)
  const writing = (async () => {
    for (let at = 0; at < bytes.length; at += 20_000) await stream.write(bytes.subarray(at, at + 20_000))
    await stream.end()
  })()
  await world.until(() => session.path?.kind === 'udp', 4_000)
  internet.loss = 1
  await world.until(() => session.path?.relayed === true, 6_000)
  await world.run(writing)
  expectBytes(await world.run(received), bytes)
  internet.loss = 0
  await world.until(() => session.path?.kind === 'udp', 120_000)
})

// spec: STT-PKT-66
test('a round that found nothing is followed at once by one from other ports on both sides', async () => {
  const { world, internet, session, rounds } = await meet([PLACES['home']!, PLACES['home']!])
  internet.swallows = ({ bytes }) => bytes.length === 42
  await world.until(() => rounds[1].length === 1, 3_000)
  const portsOf = (address: string): Set<number> =>
    new Set(internet.seen.filter(({ from, bytes }) => bytes.length === 42 && from.address === address).map(({ from }) => from.port)) // biome-ignore format: one line
  const addresses = ['203.0.113.7', '203.0.114.7']
  const before = addresses.map(portsOf)
  expect(before.map(({ size }) => size)).toEqual([1, 1])
  internet.swallows = () => false
  expect(await world.until(() => session.path?.kind === 'udp', 2_000)).toBeLessThanOrEqual(1_000)
  expect(addresses.map(address => portsOf(address).size)).toEqual([2, 2])
  expect(before.map(ports => ports.has(Number(/\d+$/.exec(session.path!.remote)![0])))).toEqual([false, false])
  expect(rounds[1].map(({ answered }) => answered)[0]).toBe(0)
})

// spec: STT-PKT-66
test('the second round waits until the peer knows its other port', async () => {
  const { world, internet, session, rounds } = await meet([PLACES['home']!, PLACES['home']!])
  const first = internet.seen.find(({ from }) => from.address === '203.0.113.7')!.from.port
  let asked = 0
  internet.swallows = ({ bytes, from }) =>
    bytes.length === 42 || (from.address === '203.0.113.7' && from.port !== first && ++asked <= 4)
  await world.until(() => rounds[0].length === 1 && asked === 4, 5_000)
  internet.swallows = () => false
  await world.until(() => session.path?.kind === 'udp', 2_000)
  expect(rounds[1]).toHaveLength(1)
})

test('another round follows where somebody answered and the rest was lost', async () => {
  const { world, internet, session, rounds } = await meet([PLACES['home']!, PLACES['home']!])
  internet.swallows = ({ bytes }) => bytes.length === 1_200
  await world.until(() => rounds[1].length === 1, 4_000)
  expect(rounds[1][0]!.answered).toBeGreaterThan(0)
  internet.swallows = () => false
  await world.until(() => session.path?.kind === 'udp', 3_000)
})

// spec: STT-PKT-66
test('further rounds come after 10 s, then 1 min, from the ports of before', async () => {
  const { world, internet } = await meet([PLACES['home']!, PLACES['home']!])
  internet.swallows = ({ bytes }) => bytes.length === 42
  await world.pass(100_000)
  const openers = internet.seen.filter(({ isShort, from }) => isShort && from.address === '203.0.114.7')
  expect(new Set(openers.map(({ from }) => from.port)).size).toBe(2)
  expect(openers.map(({ from }) => from.port === openers[0]!.from.port)).toEqual([true, false, true, true])
})

// spec: STT-PKT-66
test('each side sends at most 300 packets an hour from the second hour on, to four addresses, where no hole is possible', async () => {
  const claimed = [
    ['198.51.100.7', '2001:db8:1::7', '2001:db8:2::7'],
    ['198.51.100.8', '2001:db8:3::8', '2001:db8:4::8'],
  ]
  const { world, internet, session } = await meet([PLACES['home']!, PLACES['home']!], 1, 0, [{}, {}], '', claimed)
  internet.swallows = ({ bytes }) => bytes.length === 42
  await world.pass(3_600_000)
  const before = internet.seen.length
  await world.pass(3_600_000)
  for (const side of ['203.0.113.7', '203.0.114.7']) {
    const sent = probesIn(internet.seen.slice(before)).filter(({ from }) => from.address === side)
    expect(new Set(sent.map(({ to }) => to.address)).size).toBe(4)
    expect(sent.length).toBeLessThanOrEqual(300)
  }
  expect(session.path).toMatchObject({ relayed: true })
})

// spec: STT-RLY-27
test('the node reports that no hole is possible where both NATs take another port for each destination', async () => {
  const { world, rounds } = await meet([PLACES['random']!, PLACES['random']!])
  await world.pass(10_000)
  for (const round of rounds.map(([first]) => first))
    expect(round).toEqual({ answered: 0, takesNewPorts: true, peerTakesNewPorts: true })
  const other = await meet([PLACES['home']!, PLACES['random']!])
  await other.world.pass(10_000)
  expect(other.rounds.map(([first]) => first)).toEqual([
    { answered: 0, takesNewPorts: false, peerTakesNewPorts: true },
    { answered: 0, takesNewPorts: true, peerTakesNewPorts: false },
  ])
})

// spec: STT-RLY-33
test.each([{ relay: 'only' }, { shareAddresses: 'none' }, { udp: false }] as const)(
  'neither side tells, asks or sends anything outside of relays with %j',
  async paths => {
    for (const side of [0, 1]) {
      const { world, internet, session } = await meet(
        [PLACES['home']!, PLACES['home']!],
        1,
        0,
        side === 0 ? [paths, {}] : [{}, paths],
      )
      await world.pass(30_000)
      expect(internet.seen).toEqual([])
      expect(session.path).toMatchObject({ relayed: true })
    }
  },
)

test('with shareAddresses public no private address is told', async () => {
  const share = { shareAddresses: 'public' } as const
  const { world, session, internet } = await meet([PLACES['home']!, PLACES['home']!], 1, 0, [share, share])
  await world.until(() => session.path?.kind === 'udp', 4_000)
  expect(internet.seen.filter(({ to }) => to.address.startsWith('192.168.'))).toEqual([])
})

// spec: STT-RLY-33
test('the application decides which addresses are told and tried', async () => {
  const asked: PathCandidate[] = []
  const wary = (candidate: PathCandidate): boolean => {
    asked.push(candidate)
    return candidate.source === 'observed'
  }
  const { world, session, accepted, internet } = await meet([PLACES['home']!, PLACES['home']!], 1, 0, [
    { candidates: wary },
    {},
  ])
  await world.until(() => session.path?.kind === 'udp', 4_000)
  await world.until(() => accepted.path?.kind === 'udp', 4_000)
  expect(new Set(asked.map(({ side, source, address }) => `${side} ${source} ${address}`))).toEqual(
    new Set(['own observed 203.0.113.7', 'own host 192.168.0.2', 'peer observed 203.0.114.7']),
  )
  expect(internet.seen.filter(({ to }) => to.address === '192.168.0.2')).toEqual([])
})

// spec: STT-RLY-33
test.each<[string, () => unknown, number]>([
  ['no', () => false, 0],
  ['what is no boolean', () => 'yes', 0],
  ['an error', () => { throw new RangeError('of the application') }, 1], // biome-ignore format: one line
])('where the application answers %s nothing is tried', async (_, answer, faults) => {
  const candidates = answer as () => boolean
  const { world, session, internet } = await meet([PLACES['home']!, PLACES['home']!], 1, 0, [{}, { candidates }])
  await world.pass(2_000)
  expect(session.path).toMatchObject({ relayed: true })
  expect(probesIn(internet.seen)).toEqual([])
  expect(new Set(world.warnings.map(({ cause }) => cause instanceof RangeError)).size).toBe(faults)
})

/** Packets of hole punching: 42 bytes, a session's. */
const probesIn = (seen: VirtualInternet['seen']) => seen.filter(({ bytes }) => bytes.length === 42)
const nearTier = ({ scheme, host }: { readonly scheme: string; readonly host: string }): number =>
  scheme === 'relay' ? 3 : scheme !== 'udp' ? 2 : host.startsWith('192.168.') ? 0 : 1
