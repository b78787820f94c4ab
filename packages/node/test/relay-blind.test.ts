import { decodeMessage, decodeRegistryMessage, hoursAt, mailboxName, topicName } from '@stt/rendezvous'
import { findSecrets, inCommon } from '@stt/testing'
import { expect, test } from 'vitest'
import { Identity, Seed } from '../src/index.ts'
// Loaded when they are first needed, which takes no virtual time.
import '../src/discovery/connect-found.ts'
import '../src/discovery/discovery.ts'
import '../src/relay/relays.ts'
import { collect, expectBytes, first, pattern } from './nodes.ts'
import { secretsOf } from './secrets.ts'
import { WALL_START } from './virtual-nodes.ts'
import { RelayWorld } from './virtual-relays.ts'

const URL = 'wss://one.example'
const HOUR = 3_600_000

/** Every run of 8 bytes, as text with one character a byte. */
function windowsOf(bytes: Uint8Array): string[] {
  const text = Buffer.from(bytes).toString('latin1')
  return Array.from({ length: Math.max(0, text.length - 7) }, (_, i) => text.slice(i, i + 8))
}

// relay-blind of the scenarios: all that a relay and its registry are told and pass on, in three hours.
// spec: STT-RLY-1 STT-RLY-2 STT-RLY-12 STT-REG-1 STT-REG-3
test.each([true, false])(
  'neither a relay nor its registry sees a seed, a key, an id, metadata or content in any form, and names of two hours share nothing (with access keys: %s)',
  async hasKeys => {
    const world = new RelayWorld()
    const { rendezvous, access } = world.seed.deriveRendezvousKeys()
    const relay = world.relay(URL, hasKeys ? { keys: [access], authorities: ['one.example:443'] } : {})
    const identities = [Identity.generate(), Identity.generate()] as const
    const metadata = 'the name of this machine'
    const server = await world.node({ relays: [URL], metadata, identity: identities[0] })
    const client = await world.node({ relays: [URL], metadata, identity: identities[1], listen: [] })
    const accepting = first(server.sessions())
    const session = await world.run(client.connect({ peer: server.id }))
    const file = pattern(100_000)
    const received = first((await world.run(accepting)).streams()).then(collect)
    const stream = await session.openStream()
    await world.run(stream.write(file))
    await world.run(stream.end())
    expectBytes(await world.run(received), file)
    await world.pass(2 * HOUR)
    // In another hour than the first, and by the seed alone.
    const other = await world.node({ relays: [URL], metadata, listen: [] })
    await world.run(other.connect())

    const secrets = { ...secretsOf(world.seed, ...identities), file, metadata: new TextEncoder().encode(metadata) }
    expect(findSecrets([...relay.seen, ...relay.seenByRegistry], secrets)).toEqual([])
    expect(relay.seen.reduce((sum, { length }) => sum + length, 0)).toBeGreaterThan(file.length)

    const hour = Math.floor(WALL_START / HOUR)
    const near = [...new Set([0, 1, 2].flatMap(passed => hoursAt((WALL_START + passed * HOUR) / 1_000)))].sort()
    const all = Array.from({ length: 9 }, (_, i) => hour - 4 + i)
    for (const [nameOf, told] of [
      [(each: number) => mailboxName(rendezvous, server.id, each), relay.seen],
      [(each: number) => topicName(rendezvous, each), relay.seenByRegistry],
    ] as const) {
      const seen = new Set(told.flatMap(windowsOf))
      // It had the names of the hours that were near, and of no others.
      expect(all.filter(each => windowsOf(nameOf(each)).some(window => seen.has(window)))).toEqual(near)
      const names = near.flatMap(each => windowsOf(nameOf(each)))
      expect(new Set(names).size).toBe(names.length)
    }
    const listened = relay.seen.filter(bytes => bytes[0] === 0xc1).map(decodeMessage)
    expect(listened.length).toBeGreaterThan(100)
    const said = relay.seenByRegistry.map(bytes => decodeRegistryMessage(bytes).type)
    expect(said.filter(type => type === 'put').length).toBeGreaterThan(200)
    expect(new Set(said)).toEqual(new Set(['greeting', 'put', 'stored', 'get', 'records']))
  },
)

/** What a registry sees of a node that says where it is, and of one that finds it, some hours later. */
async function toldInHour(hours: number, seed: Seed, identity: Identity): Promise<readonly Uint8Array[]> {
  // Others of these worlds draw other random bytes.
  const world = new RelayWorld(hours * 100 + identity.id[0]!)
  await world.pass(hours * HOUR)
  const relay = world.relay(URL)
  const server = await world.node({ relays: [URL], seed, identity })
  const client = await world.node({ relays: [URL], seed, listen: [] })
  await world.run(client.connect())
  await world.pass(120_000)
  await world.run(server.close())
  await world.run(client.close())
  return relay.seenByRegistry
}

// spec: STT-REG-1 STT-REG-2 STT-REG-3
test('a registry cannot tell from the connections of two hours that they belong to the same seed or node', async () => {
  const [seed, identity] = [Seed.generate(), Identity.generate()]
  const [early, late] = [await toldInHour(0, seed, identity), await toldInHour(2, seed, identity)]
  const strangers = [
    ...(await toldInHour(0, Seed.generate(), Identity.generate())),
    ...(await toldInHour(2, Seed.generate(), Identity.generate())),
  ]
  expect(inCommon(early, late, strangers)).toEqual([])
  // Of one hour they can: that is what a name is for.
  expect(inCommon(early, await toldInHour(0.01, seed, identity), strangers).length).toBeGreaterThan(2 * (32 - 7))
})
