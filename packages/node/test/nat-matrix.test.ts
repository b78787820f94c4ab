import { createRandom, NatBox, VirtualInternet } from '@stt/testing'
import { describe, expect, test } from 'vitest'
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
      expect(await world.until(() => session.path?.kind === 'udp', 4_000)).toBeLessThanOrEqual(3_000)
      await world.until(() => accepted.path?.kind === 'udp', 3_000)
    } else {
      await world.pass(30_000)
      expect(session.path).toMatchObject({ relayed: true, state: 'active' })
    }
    await world.run(session.ping())
  })
})

test('two behind one NAT go over the local network', async () => {
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
test('where it cannot work at most 300 packets an hour try it, from the second hour on', async () => {
  const { world, internet, session } = await meet([PLACES['random']!, PLACES['random']!])
  await world.pass(3_600_000)
  const before = probesIn(internet)
  await world.pass(3_600_000)
  expect(probesIn(internet) - before).toBeLessThanOrEqual(300)
  expect(session.path).toMatchObject({ relayed: true })
})

// spec: STT-RLY-33
test.each([{ relay: 'only' }, { shareAddresses: 'none' }, { udp: false }] as const)(
  'nothing is told, asked or sent outside of relays with %j, on either side',
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

/** Packets of hole punching: 42 bytes, a session's. */
const probesIn = ({ seen }: VirtualInternet): number => seen.filter(({ bytes }) => bytes.length === 42).length
const nearTier = ({ scheme, host }: { readonly scheme: string; readonly host: string }): number =>
  scheme === 'relay' ? 3 : scheme !== 'udp' ? 2 : host.startsWith('192.168.') ? 0 : 1
