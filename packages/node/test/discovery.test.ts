import { Identity, Seed, toHex } from '@stt/crypto'
import {
  encodePut,
  homeOf,
  hoursAt,
  orderRelays,
  REGISTRY_SUBPROTOCOL,
  sealRecord,
  slotName,
  topicName,
} from '@stt/rendezvous'
import { createRandom } from '@stt/testing'
import { describe, expect, test } from 'vitest'
import type { AddressStore } from '../src/index.ts'
// Loaded when they are first needed, which takes no virtual time.
import '../src/discovery/connect-found.ts'
import '../src/discovery/discovery.ts'
import '../src/discovery/peer-events.ts'
import '../src/relay/relays.ts'
import { WALL_START } from './virtual-nodes.ts'
import { type Node, RelayWorld, type VirtualRelay } from './virtual-relays.ts'

const [ONE, TWO] = ['wss://one.example', 'wss://two.example']

async function worldOf(urls: readonly string[] = [ONE]): Promise<{ world: RelayWorld; relays: VirtualRelay[] }> {
  const world = new RelayWorld()
  return { world, relays: urls.map(url => world.relay(url)) }
}

/** A node that listens at the relays and says so. */
async function listening(world: RelayWorld, relays: readonly string[] = [ONE], skew = 0): Promise<Node> {
  const node = await world.node({ relays }, skew)
  await world.until(() => node.addresses.length === Math.min(2, relays.length))
  await world.pass(200)
  return node
}

const seeking = (world: RelayWorld, relays: readonly string[] = [ONE], skew = 0): Promise<Node> =>
  world.node({ relays, listen: [] }, skew)

describe('connect without an address', () => {
  // spec: STT-REG-11 STT-REG-12
  test('takes a node of the seed that listens at a relay of this one, within a second', async () => {
    const { world } = await worldOf()
    const server = await listening(world)
    const client = await seeking(world)
    const begun = world.loop.now
    const session = await world.run(client.connect())
    expect(toHex(session.peer.id)).toBe(toHex(server.id))
    expect(session.path).toMatchObject({ relayed: true })
    expect(world.loop.now - begun).toBeLessThan(1_000)
  })

  test('waits for one that comes later', async () => {
    const { world } = await worldOf()
    const client = await seeking(world)
    const found = client.connect({ metadata: 'me' })
    await world.pass(4_000)
    const server = await listening(world)
    const session = await world.run(found)
    expect(toHex(session.peer.id)).toBe(toHex(server.id))
  })

  test('takes first one that it has no session with', async () => {
    const { world } = await worldOf()
    const servers = [await listening(world), await listening(world), await listening(world)]
    const client = await seeking(world)
    const ids = new Set<string>()
    for (const _ of servers) ids.add(toHex((await world.run(client.connect())).peer.id))
    expect(ids).toEqual(new Set(servers.map(({ id }) => toHex(id))))
    expect(ids.has(toHex((await world.run(client.connect())).peer.id))).toBe(true)
  })

  test('says what to do when nobody is there, after the time of a handshake or of the signal', async () => {
    const { world } = await worldOf()
    await world.node({ seed: Seed.generate(), relays: [ONE] })
    const client = await seeking(world)
    const begun = world.loop.now
    await expect(world.run(client.connect())).rejects.toMatchObject({
      code: 'STT_NOT_FOUND',
      message: expect.stringContaining('holds the same seed'),
    })
    expect(world.loop.now - begun).toBeLessThan(30_000)
    const stop = new AbortController()
    const waiting = client.connect({ signal: stop.signal })
    await world.pass(60_000)
    waiting.catch(() => {})
    stop.abort()
    await expect(world.run(waiting)).rejects.toMatchObject({ code: 'STT_ABORTED' })
  })

  test('needs something by which others can be found', async () => {
    const world = new RelayWorld()
    const alone = await world.node({ listen: [] })
    await expect(alone.connect()).rejects.toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
    expect(() => alone.peers()).toThrow(expect.objectContaining({ code: 'STT_INVALID_ARGUMENT' }))
  })

  test('ends when the node closes', async () => {
    const { world } = await worldOf()
    const client = await seeking(world)
    const waiting = client.connect({ signal: new AbortController().signal })
    waiting.catch(() => {})
    await world.pass(1_000)
    await world.run(client.close())
    await expect(world.run(waiting)).rejects.toMatchObject({ code: 'STT_CLOSED' })
  })

  test('asks no registry any more once it has a session', async () => {
    const { world, relays } = await worldOf()
    await listening(world)
    const client = await seeking(world)
    await world.run(client.connect())
    await world.pass(1_000)
    expect(relays[0]!.registry.clients).toBe(1)
    const { gets } = relays[0]!.registry
    await world.pass(120_000)
    expect(relays[0]!.registry.gets).toBe(gets)
  })
})

// registry-skew of the scenarios: each clock from -25 to +25 minutes, across the moment at which the names change.
// spec: STT-REG-1 STT-REG-4
test.each([
  [-25, 25],
  [25, -25],
  [-25, -25],
  [25, 25],
  [0, 25],
  [-25, 0],
])('nodes with clocks that are %i and %i minutes wrong always find each other', async (server, client) => {
  const minute = 60_000
  const { world } = await worldOf()
  const publisher = await listening(world, [ONE], server * minute)
  const seeker = await seeking(world, [ONE], client * minute)
  // Two hours, in steps that meet each half past of either clock.
  for (let passed = 0; passed < 120; passed += 5) {
    const session = await world.run(seeker.connect(), 10_000)
    expect(toHex(session.peer.id)).toBe(toHex(publisher.id))
    await world.run(session.close())
    await world.pass(5 * minute - 3_000)
  }
})

describe('who is there', () => {
  /** What `peers()` of a node said so far: an id's first digits, with a sign. */
  function watching(node: Node): { said: string[]; stop: () => Promise<unknown> } {
    const said: string[] = []
    const events = node.peers()[Symbol.asyncIterator]()
    const stopped = (async () => {
      for (let next = await events.next(); !next.done; next = await events.next()) {
        said.push(`${next.value.type === 'appeared' ? '+' : '-'}${toHex(next.value.id).slice(0, 8)}`)
      }
    })()
    return { said, stop: async () => Promise.all([events.return?.(), stopped]) }
  }
  const short = ({ id }: Node): string => toHex(id).slice(0, 8)

  test('is told as they come and go: one that closes is gone at the next look', async () => {
    const { world } = await worldOf()
    const first = await listening(world)
    const client = await seeking(world)
    const { said } = watching(client)
    await world.pass(1_000)
    expect(said).toEqual([`+${short(first)}`])
    const second = await listening(world)
    await world.pass(21_000)
    expect(said).toEqual([`+${short(first)}`, `+${short(second)}`])
    await world.run(first.close())
    await world.pass(21_000)
    expect(said.at(-1)).toBe(`-${short(first)}`)
    expect(said).toHaveLength(3)
  })

  // spec: STT-REG-8
  test('one that ends without a word is gone within three minutes', async () => {
    const { world, relays } = await worldOf([ONE, TWO])
    const server = await listening(world, [ONE])
    const client = await seeking(world, [ONE])
    const { said } = watching(client)
    await world.pass(1_000)
    // Nobody refreshes the record any more; the relay is another one with the same registry for all that the client sees.
    relays[0]!.isFrozen = true
    await world.pass(180_000)
    expect(said).toEqual([`+${short(server)}`, `-${short(server)}`])
  })

  // spec: STT-REG-11
  test('a relay that dies is out of what a node says of itself at once', async () => {
    const { world, relays } = await worldOf([ONE, TWO])
    const server = await listening(world, [ONE, TWO])
    const client = await seeking(world, [TWO])
    expect(relays.map(({ registry }) => registry.records)).toEqual([2, 2])
    const { puts } = relays[1]!.registry
    relays[0]!.kill()
    await world.pass(2_000)
    expect(relays[1]!.registry.puts).toBeGreaterThan(puts)
    const session = await world.run(client.connect())
    expect(toHex(session.peer.id)).toBe(toHex(server.id))
    // Records are back soon after the relay is.
    relays[0]!.isUp = true
    await world.until(() => relays[0]!.registry.records === 2, 60_000)
  })

  test('is withdrawn when the node closes, and never said where it is not to be', async () => {
    const { world, relays } = await worldOf()
    const server = await listening(world)
    expect(relays[0]!.registry).toMatchObject({ records: 2, clients: 1 })
    await world.run(server.close())
    await world.pass(100)
    expect(relays[0]!.registry).toMatchObject({ records: 0, clients: 0 })
    const quiet = await world.node({ relays: [ONE], discovery: { registry: false } })
    await world.until(() => quiet.addresses.length === 1)
    await world.pass(100_000)
    expect(relays[0]!.registry).toMatchObject({ records: 0, connections: 1 })
  })

  test('is told with metadata where there is a session, and its loop ends with the node', async () => {
    const { world } = await worldOf()
    const server = await world.node({ relays: [ONE], metadata: { name: 'printer' } })
    await world.until(() => server.addresses.length === 1)
    await world.pass(200)
    const client = await seeking(world)
    await world.run(client.connect())
    const events = client.peers()[Symbol.asyncIterator]()
    const { value } = await world.run(events.next())
    expect(value).toMatchObject({ type: 'appeared', seenAt: [ONE], metadata: { name: 'printer' } })
    const next = events.next()
    await world.run(client.close())
    expect(await world.run(next)).toEqual({ done: true, value: undefined })
  })

  test('follows seeds that are replaced: nodes of the new seed are seen, and the old records are gone', async () => {
    const { world, relays } = await worldOf()
    const seed = Seed.generate()
    const server = await listening(world)
    server.setSeeds([seed])
    await world.pass(3_000)
    expect(relays[0]!.registry.records).toBe(2)
    const client = await world.node({ seed, relays: [ONE], listen: [] })
    expect(toHex((await world.run(client.connect())).peer.id)).toBe(toHex(server.id))
  })
})

// spec: STT-REG-4 STT-REG-9
test('an honest node is found although a holder of the seed fills 63 slots with made-up ids', async () => {
  const { world, relays } = await worldOf()
  const server = await listening(world)
  const random = createRandom(5)
  const { rendezvous } = world.seed.deriveRendezvousKeys()
  const seconds = Math.floor((WALL_START + world.loop.now) / 1_000)
  for (const hour of hoursAt(seconds)) {
    const topic = topicName(rendezvous, hour)
    for (let i = 0; i < 63; i++) {
      const token = random.bytes(16)
      const place = { rendezvous, hour, topic, slot: slotName(topic, token) }
      const record = {
        id: random.bytes(32),
        seq: 2 ** 50,
        expires: seconds + 300,
        relays: [ONE, 'ws://169.254.169.254/'],
      }
      const blob = sealRecord(record, place, random.bytes(16))
      const link = relays[0]!.connectRegistry(REGISTRY_SUBPROTOCOL)
      await world.pass(1)
      link.send(encodePut({ topic, token, ttl: 300, blob }, () => new Uint8Array(0)))
      await world.pass(30)
      link.close()
    }
  }
  await world.pass(100)
  expect(relays[0]!.registry.records).toBe(128)
  const client = await seeking(world)
  const session = await world.run(client.connect())
  expect(toHex(session.peer.id)).toBe(toHex(server.id))
  // Nothing but its own relay was dialed for any of them.
  expect(world.dialedDirectly).toEqual([])
  expect([...world.dialedRelays]).toEqual([ONE])
})

// spec: STT-REG-9 STT-REG-11 STT-REG-12
test('a node is found at its other relay, and there by its id, although a holder of the seed filled the topics of one registry', async () => {
  const { world, relays } = await worldOf([ONE, TWO])
  const random = createRandom(6)
  const { rendezvous } = world.seed.deriveRendezvousKeys()
  for (const hour of hoursAt(Math.floor(WALL_START / 1_000))) {
    for (let i = 0; i < 64; i++) {
      const link = relays[0]!.connectRegistry(REGISTRY_SUBPROTOCOL, `2001:db8::${i}`)
      const put = { topic: topicName(rendezvous, hour), token: random.bytes(16), ttl: 300, blob: random.bytes(544) }
      link.send(encodePut(put, () => new Uint8Array(0)))
      await world.pass(20)
      link.close()
    }
  }
  expect(relays[0]!.registry.records).toBe(128)
  const server = await listening(world, [ONE, TWO])
  expect(relays.map(({ registry }) => registry.records)).toEqual([128, 2])
  expect(world.warnings).toEqual([
    expect.objectContaining({ code: 'STT_BUSY', details: expect.objectContaining({ reason: 'full', relay: ONE }) }),
  ])
  const anyone = await world.run((await seeking(world, [ONE, TWO])).connect())
  expect(toHex(anyone.peer.id)).toBe(toHex(server.id))
  const client = await seeking(world, [ONE])
  const byId = await world.run(client.connect({ peer: server.id }))
  expect(toHex(byId.peer.id)).toBe(toHex(server.id))
  // What is in the slots is read by nobody, and dialed by nobody.
  expect([world.dialedDirectly, [...world.dialedRelays].sort()]).toEqual([[], [ONE, TWO]])
  // It is told each hour, not each minute for each record.
  await world.pass(200_000)
  expect([relays[0]!.registry.records, world.warnings.length]).toEqual([128, 1])
  // Who comes when there is room is there.
  await world.until(() => relays[0]!.registry.records === 2, 200_000)
})

/** Another holder of the seed says at a registry that a node is at these relays, in a record newer than the node's own. */
function sayInNameOf({ id }: Node, world: RelayWorld, relay: VirtualRelay, relays: readonly string[]): Promise<void> {
  const { rendezvous } = world.seed.deriveRendezvousKeys()
  const seconds = Math.floor((WALL_START + world.loop.now) / 1_000)
  const [hour] = hoursAt(seconds)
  const topic = topicName(rendezvous, hour)
  const token = new Uint8Array(16).fill(9)
  const place = { rendezvous, hour, topic, slot: slotName(topic, token) }
  const blob = sealRecord({ id, seq: 2 ** 52, expires: seconds + 300, relays }, place, token)
  const link = relay.connectRegistry('x')
  link.send(encodePut({ topic, token, ttl: 300, blob }, () => new Uint8Array(0)))
  return world.pass(100)
}

// spec: STT-REG-4
test('a newer record that another holder wrote in the name of a node does not hide it', async () => {
  const { world, relays } = await worldOf()
  const identity = Identity.generate()
  const server = await world.node({ identity, relays: [ONE] })
  await world.until(() => server.addresses.length === 1)
  await sayInNameOf(server, world, relays[0]!, ['wss://evil.example'])
  const client = await seeking(world)
  const session = await world.run(client.connect())
  expect(toHex(session.peer.id)).toBe(toHex(server.id))
  expect([...world.dialedRelays]).toEqual([ONE])
})

// spec: STT-REG-4
test.each(['wss://two.example/', 'WSS://Two.Example:443'])(
  'the relay that a record names as %s is dialed before those that the order has before it',
  async named => {
    const { world, relays } = await worldOf([ONE, TWO])
    const { rendezvous } = world.seed.deriveRendezvousKeys()
    let identity = Identity.generate()
    while (orderRelays(homeOf(rendezvous, identity.id), [ONE, TWO])[0] !== ONE) identity = Identity.generate()
    const server = await world.node({ identity, relays: [TWO] })
    await world.until(() => server.addresses.length === 1)
    await sayInNameOf(server, world, relays[1]!, [named])
    const client = await seeking(world, [ONE, TWO])
    const session = await world.run(client.connect())
    expect(toHex(session.peer.id)).toBe(toHex(server.id))
    expect(relays.map(({ statistics }) => statistics.dials)).toEqual([0, 1])
  },
)

describe('addresses of earlier times', () => {
  class Kept implements AddressStore {
    bytes: Uint8Array | undefined
    failure: Error | undefined
    async load(): Promise<Uint8Array | undefined> {
      if (this.failure) throw this.failure
      return this.bytes
    }
    async save(sealed: Uint8Array): Promise<void> {
      if (this.failure) throw this.failure
      this.bytes = sealed.slice()
    }
  }

  test('are sealed, and dialed by a node that knows no more than the seed', async () => {
    const world = new RelayWorld()
    world.relay(ONE)
    const id = new Uint8Array(32).fill(3)
    const store = new Kept()
    const { KnownAddresses } = await import('../src/discovery/known-addresses.ts')
    const config = { store, keys: () => [world.seed.deriveRendezvousKeys()], warn: () => {} }
    const known = new KnownAddresses({ ...config, entropy: length => new Uint8Array(length).fill(7) })
    for (const address of ['ws://192.0.2.1:1', 'udp://192.0.2.1:2', 'ws://192.0.2.1:1']) known.add(id, address)
    await known.saved()
    expect(Buffer.from(store.bytes!).includes('192.0.2.1')).toBe(false)
    expect(Buffer.from(store.bytes!).includes(Buffer.from(id.subarray(0, 8)))).toBe(false)
    const node = await world.node({ listen: [], discovery: { store } })
    await expect(world.run(node.connect({ peer: id }))).rejects.toMatchObject({ code: 'STT_CONNECT_FAILED' })
    expect(world.dialedDirectly).toEqual(['udp://192.0.2.1:2', 'ws://192.0.2.1:1'])
    await expect(world.run(node.connect())).rejects.toMatchObject({ code: 'STT_CONNECT_FAILED' })
    expect(world.dialedDirectly.length).toBeGreaterThan(2)
  })

  test('of another seed, damaged, or in a store that fails are left out, and told', async () => {
    const world = new RelayWorld()
    world.relay(ONE)
    for (const prepare of [
      (store: Kept) => void (store.bytes = new Uint8Array(90)),
      (store: Kept) => void (store.bytes = new Uint8Array(3)),
      (store: Kept) => void (store.failure = new Error('the disk is gone')),
    ]) {
      const store = new Kept()
      prepare(store)
      world.warnings.length = 0
      const node = await world.node({ relays: [ONE], listen: [], discovery: { store } })
      await expect(world.run(node.connect({ peer: new Uint8Array(32) }))).rejects.toMatchObject({
        code: 'STT_CONNECT_FAILED',
      })
      expect(world.warnings).toHaveLength(1)
    }
  })
})
