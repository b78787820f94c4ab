import { decodeMessage, hoursAt, mailboxName } from '@stt/rendezvous'
import { expect, test } from 'vitest'
import { Identity } from '../src/index.ts'
// Loaded when it is first needed, which takes no virtual time.
import '../src/relay/relays.ts'
import { collect, expectBytes, first, pattern } from './nodes.ts'
import { WALL_START } from './virtual-nodes.ts'
import { RelayWorld } from './virtual-relays.ts'

const URL = 'wss://one.example'
const HOUR = 3_600_000
const WINDOW = 8

/** Every run of 8 bytes, as text with one character a byte. */
function windowsOf(bytes: Uint8Array): string[] {
  const text = Buffer.from(bytes).toString('latin1')
  return Array.from({ length: Math.max(0, text.length - WINDOW + 1) }, (_, i) => text.slice(i, i + WINDOW))
}

// relay-blind of the scenarios: all that a relay is told and passes on, its control legs too, in three hours.
// spec: STT-RLY-1 STT-RLY-2 STT-RLY-12
test.each([true, false])(
  'in no 8 bytes a relay sees a seed, a key, an id, metadata or content, and names of two hours share none (with access keys: %s)',
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
    // In another hour than the first.
    const other = await world.node({ relays: [URL], metadata, listen: [] })
    await world.run(other.connect({ peer: server.id }))

    const { psk0, psk3, mac1 } = world.seed.deriveKeys()
    const hidden = [
      ...[world.seed.toBytes(), psk0, psk3, mac1, rendezvous, access],
      ...identities.flatMap(identity => [identity.id, identity.publicKey, identity.toBytes()]),
      ...[file, new TextEncoder().encode(metadata)],
    ]
    const secrets = new Set(hidden.flatMap(windowsOf))
    const seen = new Set(relay.seen.flatMap(windowsOf))
    expect([...secrets].filter(window => seen.has(window))).toEqual([])
    expect(relay.seen.reduce((sum, { length }) => sum + length, 0)).toBeGreaterThan(file.length)

    const hour = Math.floor(WALL_START / HOUR)
    const nameOf = (each: number): Uint8Array => mailboxName(rendezvous, server.id, each)
    // It had the names of the hours that were near, and of no others.
    const used = [-1, 0, 1, 2, 3].map(passed => hour + passed).filter(each => seen.has(windowsOf(nameOf(each))[0]!))
    expect(used).toEqual(
      [...new Set([0, 1, 2].flatMap(passed => hoursAt((WALL_START + passed * HOUR) / 1_000)))].sort(),
    )
    const names = used.flatMap(each => windowsOf(nameOf(each)))
    expect(new Set(names).size).toBe(names.length)
    for (const unused of [hour - 3, hour - 2, hour + 3, hour + 4]) {
      expect(windowsOf(nameOf(unused)).filter(window => seen.has(window))).toEqual([])
    }
    const listened = relay.seen.filter(bytes => bytes[0] === 0xc1).map(decodeMessage)
    expect(listened.length).toBeGreaterThan(100)
  },
)

test('the search of this test finds what is there', () => {
  const secrets = new Set(windowsOf(pattern(64)))
  expect(
    windowsOf(Uint8Array.of(1, 2, ...pattern(64).subarray(20, 28), 3)).filter(each => secrets.has(each)),
  ).toHaveLength(1)
})
