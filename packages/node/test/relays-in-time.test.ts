import { decodeMessage, homeOf, orderRelays } from '@stt/rendezvous'
import { encodeGreeting, encodeIncoming, encodeNo, encodePong, encodeSpliced } from '@stt/rendezvous/server'
import { createRandom, relayGreeting } from '@stt/testing'
import { describe, expect, test } from 'vitest'
import type { Environment } from '../src/core/environment.ts'
import { Identity, Seed } from '../src/index.ts'
import type { NodeStreamCore } from '../src/stream/node-stream-core.ts'
// Loaded when it is first needed, which takes no virtual time.
import '../src/relay/relays.ts'
import { collect, expectBytes, first, pattern, rejection } from './nodes.ts'
import { WALL_START } from './virtual-nodes.ts'
import { type End, type Node, RelayWorld, type VirtualRelay } from './virtual-relays.ts'

const URLS = ['wss://one.example', 'wss://two.example', 'wss://three.example']

interface Meeting {
  readonly world: RelayWorld
  readonly server: Node
  readonly client: Node
  /** In the server's order. */
  readonly urls: readonly string[]
  readonly relays: readonly VirtualRelay[]
}

async function meeting(count = 3): Promise<Meeting> {
  const world = new RelayWorld()
  const identity = Identity.generate()
  const home = homeOf(world.seed.deriveRendezvousKeys().rendezvous, identity.id)
  const urls = orderRelays(home, URLS.slice(0, count))
  const relays = urls.map(url => world.relay(url))
  const server = await world.node({ identity, relays: URLS.slice(0, count) })
  const client = await world.node({ relays: URLS.slice(0, count), listen: [] })
  return { world, server, client, urls, relays }
}

const statesOf = (node: Node): string[] => node.relays.map(({ state }) => state)

/** What the server reads from the first stream of its first session. */
const reading = (server: Node): Promise<Uint8Array> =>
  first(server.sessions()).then(async session => collect(await first(session.streams())))

describe('a node listens at the first two of its relays', () => {
  // spec: STT-RLY-22 STT-RLY-28
  test('another stands in for one that ends, and is let go when that is back', async () => {
    const { world, server, relays, urls } = await meeting()
    await world.until(() => server.addresses.length === 2)
    expect(server.relays.map(({ url }) => url)).toEqual(urls)
    expect(statesOf(server)).toEqual(['listening', 'listening', 'spare'])
    relays[0]!.kill()
    const took = await world.until(() => statesOf(server)[2] === 'listening')
    expect(took).toBeLessThan(5_000)
    expect(statesOf(server)).toEqual(['connecting', 'listening', 'listening'])
    expect(server.relays[0]!.problem).toBeDefined()
    await world.pass(60_000)
    relays[0]!.isUp = true
    await world.until(() => statesOf(server)[0] === 'listening', 60_000)
    expect(statesOf(server)).toEqual(['listening', 'listening', 'listening'])
    await world.pass(10_200)
    expect(statesOf(server)).toEqual(['listening', 'listening', 'spare'])
    expect(relays[2]!.statistics.listeners).toBe(0)
  })

  // spec: STT-RLY-18 STT-RLY-28
  test('another stands in at once for one that says that it goes away', async () => {
    const { world, server, relays } = await meeting()
    await world.until(() => server.addresses.length === 2)
    relays[1]!.goAway()
    expect(await world.until(() => statesOf(server)[2] === 'listening')).toBeLessThanOrEqual(200)
  })

  // relay-zombie of the scenarios: the flow is dropped, and nobody is told.
  // spec: STT-RLY-19
  test('one that carries nothing any more is found out within 30 s, and comes back by itself', async () => {
    const { world, server, relays } = await meeting()
    await world.until(() => server.addresses.length === 2)
    relays[0]!.isFrozen = true
    expect(await world.until(() => statesOf(server)[2] === 'listening')).toBeLessThan(30_000)
    relays[0]!.kill()
    relays[0]!.isFrozen = false
    relays[0]!.isUp = true
    await world.until(() => statesOf(server)[0] === 'listening', 60_000)
  })

  test('a relay that is killed and started again has the node back within 2 s', async () => {
    const { world, server, relays } = await meeting(1)
    await world.until(() => server.addresses.length === 1)
    await world.pass(20_000)
    relays[0]!.kill()
    await world.pass(5_000)
    expect(server.addresses).toEqual([])
    relays[0]!.isUp = true
    expect(await world.until(() => server.addresses.length === 1)).toBeLessThanOrEqual(2_000)
  })
})

describe('sessions by relays', () => {
  test('move to the other relay within 5 s when the home relay is killed, and no byte is lost', async () => {
    const { world, server, client, relays } = await meeting(2)
    await world.until(() => server.addresses.length === 2)
    const received = reading(server)
    const session = await world.run(client.connect({ peer: server.id }))
    const stream = await session.openStream()
    const bytes = pattern(400_000)
    await world.run(stream.write(bytes.subarray(0, 100_000)))
    relays[0]!.kill()
    const before = world.loop.now
    await world.run(stream.write(bytes.subarray(100_000)))
    await world.run(stream.end())
    expectBytes(await world.run(received), bytes)
    expect(world.loop.now - before).toBeLessThan(5_000)
    expect(session.path).toMatchObject({ relayed: true, remote: expect.stringContaining('relay:wss://') })
    expect(server.liveSessions[0]!.path).toMatchObject({ relayed: true, tier: 3 })
  })

  test('come back when all relays are killed and come back', async () => {
    const { world, server, client, relays } = await meeting(2)
    await world.until(() => server.addresses.length === 2)
    const received = reading(server)
    const session = await world.run(client.connect({ peer: server.id }))
    const stream = await session.openStream()
    const bytes = pattern(50_000)
    await world.run(stream.write(bytes.subarray(0, 10_000)))
    for (const relay of relays) relay.kill()
    await world.pass(5_000)
    for (const relay of relays) relay.isUp = true
    await world.run(stream.write(bytes.subarray(10_000)))
    await world.run(stream.end())
    expectBytes(await world.run(received), bytes)
  })

  test('go to the relays in the order of the node that is dialed', async () => {
    const { world, server, client, relays } = await meeting()
    await world.until(() => server.addresses.length === 2)
    await world.run(client.connect({ peer: server.id }))
    expect(relays.map(({ statistics }) => statistics.circuits)).toEqual([1, 0, 0])
    relays[0]!.kill()
    relays[1]!.kill()
    await world.until(() => statesOf(server)[2] === 'listening')
    await world.run(client.connect({ peer: server.id }))
    expect(relays[2]!.statistics.circuits).toBeGreaterThan(0)
  })

  // spec: STT-RLY-33
  test('are all that a node dials when it goes by relays only', async () => {
    const { world, server } = await meeting()
    await world.until(() => server.addresses.length === 2)
    const client = await world.node({ relays: URLS, listen: [], paths: { relay: 'only' } })
    const session = await world.run(client.connect(['udp://192.0.2.1:1', 'ws://192.0.2.1'], { peer: server.id }))
    await world.pass(700_000)
    expect(session.path).toMatchObject({ relayed: true })
    expect(world.dialedDirectly).toEqual([])
    await expect(client.connect('udp://192.0.2.1:1')).rejects.toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
    const direct = await world.node({ relays: URLS, listen: [], paths: { relay: false } })
    await expect(direct.connect({ peer: server.id })).rejects.toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
  })
})

// spec: STT-RLY-2 STT-RLY-8
test('nodes whose clocks differ by less than an hour find each other in every minute', async () => {
  const random = createRandom(7)
  const world = new RelayWorld()
  world.relay(URLS[0]!)
  const relays = URLS.slice(0, 1)
  const server = await world.node({ relays }, 25 * 60_000)
  const clients = [await world.node({ relays, listen: [] }), await world.node({ relays, listen: [] }, -25 * 60_000)]
  for (let minute = 0; minute < 75; minute++) {
    for (const client of clients) {
      const session = await world.run(client.connect({ peer: server.id }))
      await world.run(session.close())
    }
    await world.pass(30_000 + Math.floor(60_000 * random.next()))
  }
}, 60_000)

// spec: STT-RLY-2 STT-RLY-8
test.each([
  [0, 0],
  [0, 35],
  [25, -25],
  [-25, 25],
])('every name is found while names change (clocks %i and %i minutes ahead)', async (ofServer, ofClient) => {
  const world = new RelayWorld()
  world.relay(URLS[0]!, { limits: { circuitsPerListener: 64 } })
  const relays = URLS.slice(0, 1)
  const server = await world.node({ relays }, ofServer * 60_000)
  const client = await world.node({ relays, listen: [] }, ofClient * 60_000)
  // Half past, by one clock and by the other.
  const changes = [ofServer, ofClient].map(ahead => (90 - ahead) % 60).sort((a, b) => a - b)
  for (let hour = 1; hour <= 2; hour++) {
    for (const change of new Set(changes)) {
      // A listener takes 20 in a second, and the moments of each hour are others: one is asked for just before, one just after.
      await world.pass((60 * hour + change) * 60_000 - 600 + 25 * hour - world.loop.now)
      const dials = Array.from({ length: 12 }, async (_, i) => {
        await new Promise<void>(resolve => void world.loop.after(53 * i, resolve))
        const session = await client.connect({ peer: server.id })
        await session.close()
      })
      await world.run(Promise.all(dials))
    }
  }
  expect(server.getStatistics().sessionsOpened).toBe(2 * new Set(changes).size * 12)
})

// spec: STT-RLY-8
test('a node is found within a minute after its time of day is set right', async () => {
  const world = new RelayWorld()
  world.relay(URLS[0]!)
  const relays = URLS.slice(0, 1)
  let ahead = 7 * 3_600_000
  const server = await world.node({ relays }, 0, { wallClock: () => WALL_START + world.loop.now + ahead })
  const client = await world.node({ relays, listen: [] })
  await expect(world.run(client.connect({ peer: server.id }))).rejects.toMatchObject({ details: { reason: 'nobody' } })
  ahead = 0
  await world.pass(60_100)
  await world.run(client.connect({ peer: server.id }))
  // It also says that it was wrong.
  expect(world.warnings).toMatchObject([{ code: 'STT_CLOCK' }])
})

describe('what comes by one relay', () => {
  // spec: STT-RLY-30
  test('shares what one address prefix may have', async () => {
    const world = new RelayWorld()
    world.relay(URLS[0]!)
    const relays = URLS.slice(0, 1)
    const server = await world.node({ relays, limits: { sessionsPerPrefix: 2 } })
    const connect = async (): Promise<unknown> => {
      const client = await world.node({ relays, listen: [] })
      return world.run(client.connect({ peer: server.id }).catch((error: unknown) => error))
    }
    await connect()
    await connect()
    expect(await connect()).toMatchObject({ code: 'STT_BUSY' })
    expect(server.getStatistics().limited.sessionsPerPrefix).toBe(1)
  })

  // spec: STT-RLY-21 STT-RLY-30
  test('is at most 256 circuits without a session, however many a relay claims', async () => {
    const world = new RelayWorld()
    const open = new Set<End>()
    let tickets = 0
    const ticket = (): Uint8Array => new Uint8Array(new Uint32Array([++tickets, 0, 0, 0]).buffer)
    world.hostileRelay(URLS[0]!, (end, remote) => {
      end.send(encodeGreeting(relayGreeting))
      const isControl = !remote.includes('#')
      const claim = (): void => {
        end.send(encodeIncoming(ticket()))
        world.loop.after(20, claim)
      }
      if (isControl) world.loop.after(100, claim)
      else open.add(end)
      end.onClose = () => open.delete(end)
      end.onPacket = bytes => {
        const message = decodeMessage(bytes)
        if (message.type === 'ping') end.send(encodePong(message.data))
        if (message.type === 'accept') end.send(encodeSpliced())
      }
    })
    await world.node({ relays: URLS.slice(0, 1), limits: { handshakeTimeout: 60_000 } })
    await world.pass(5_000)
    expect(open.size).toBeGreaterThan(80)
    expect(open.size).toBeLessThanOrEqual(5 * 20 + 20)
    await world.pass(25_000)
    expect(open.size).toBe(256)
    await world.pass(40_000)
    expect(open.size).toBeLessThanOrEqual(256)
  })

  // spec: STT-RLY-23
  test.each([
    ['wss://one.example/other', 1],
    ['wss://evil.example', 0],
    ['ws://one.example', 0],
    ['wss://192.0.2.66:22', 0],
  ])('a relay that sends its clients to %s is followed %i times', async (elsewhere, times) => {
    const world = new RelayWorld()
    let visits = 0
    const refuse = (url: string) => (end: End) => {
      if (url === elsewhere) visits++
      end.send(encodeGreeting(relayGreeting))
      end.onPacket = () => end.send(encodeNo('elsewhere', 0, elsewhere))
    }
    for (const url of [URLS[0]!, elsewhere]) world.hostileRelay(url, refuse(url))
    const client = await world.node({})
    const address = `relay:${URLS[0]}#${'ab'.repeat(32)}`
    await expect(world.run(client.connect(address))).rejects.toMatchObject({
      code: 'STT_CONNECT_FAILED',
      details: { reason: 'elsewhere' },
    })
    expect(visits).toBe(times)
  })
})

// spec: STT-RLY-37
test.each([
  ['wss://one.example/other', 1],
  ['', 0],
  ['wss://evil.example', 0],
  ['ws://one.example', 0],
  ['wss://192.0.2.66:22', 0],
  ['no URL', 0],
])('a relay that asks for %j to be accepted gets %i connections there', async (url, times) => {
  const world = new RelayWorld()
  let visits = 0
  const accepted: string[] = []
  const serve = (here: string) => (end: End) => {
    if (here === url) visits++
    end.send(encodeGreeting(relayGreeting))
    end.onPacket = bytes => {
      if (bytes[0] === 0xc1) end.send(encodeIncoming(new Uint8Array(16), url))
      if (bytes[0] === 0xc4) accepted.push(here)
    }
  }
  for (const each of new Set([URLS[0]!, url])) if (URL.canParse(each)) world.hostileRelay(each, serve(each))
  await world.node({ relays: URLS.slice(0, 1), limits: { handshakeTimeout: 60_000 } })
  await world.pass(1_000)
  expect(visits).toBe(times)
  // Without a URL it is the relay itself; where that one may not be followed the ticket is passed over.
  expect(accepted).toEqual(times === 1 ? [url] : url === '' ? [URLS[0]] : [])
})

describe('what an operator is told', () => {
  test('is a clock that is an hour wrong', async () => {
    const world = new RelayWorld()
    world.relay(URLS[0]!).skew = 3_600
    await world.node({ relays: URLS.slice(0, 1) })
    expect(world.warnings).toMatchObject([{ code: 'STT_CLOCK', details: { minutes: 60 } }])
  })

  test('is a relay that does not let the node in, once, and a node that listens nowhere', async () => {
    const world = new RelayWorld()
    const { access } = Seed.generate().deriveRendezvousKeys()
    world.relay(URLS[0]!, { keys: [access], authorities: ['one.example:443'] })
    const server = await world.node({ relays: URLS.slice(0, 2) })
    await world.pass(60_000)
    expect(world.warnings).toMatchObject([
      { code: 'STT_CONNECT_FAILED', details: { reason: 'auth' } },
      { code: 'STT_LISTEN_FAILED', message: expect.stringContaining('it said no: auth') },
    ])
    expect(server.relays.map(({ problem }) => problem)).toContain('it said no: auth')
  })
})

// spec: STT-RLY-34 STT-HS-44
test('a dialer without a place at a listener behind a relay hears of its limit, and comes back until there is one', async () => {
  const world = new RelayWorld()
  const [url] = URLS as [string, ...string[]]
  const relay = world.relay(url)
  const server = await world.node({ relays: [url], limits: { pendingHandshakes: 1, handshakeTimeout: 12_000 } })
  const dialing = async (handshakeTimeout: number, platform: Partial<Environment<NodeStreamCore>> = {}) => {
    const node = await world.node({ relays: [url], listen: [], limits: { handshakeTimeout } }, 0, platform)
    return node.connect({ peer: server.id })
  }
  // The one place is taken by somebody who says HELLO and nothing more.
  const openRelay: Environment['openRelay'] = async (url, { remote, signal }) => {
    const link = await world.open(url, remote, signal)
    const send = link.send.bind(link)
    let left = 2
    return Object.assign(link, { send: (packet: Uint8Array) => left-- <= 0 || send(packet) })
  }
  const silent = rejection(dialing(12_000, { openRelay }))
  await world.pass(500)
  const before = relay.statistics.dials
  const impatient = await world.run(rejection(dialing(8_000)))
  expect(impatient).toMatchObject({ code: 'STT_BUSY', details: { closeCode: 1013, limit: 'pendingHandshakes' } })
  expect(relay.statistics.dials - before).toBe(2)
  expect((await world.run(dialing(20_000))).peer.id).toEqual(server.id)
  expect(await world.run(silent)).toMatchObject({ code: 'STT_TIMEOUT' })
})
