import { networkInterfaces } from 'node:os'
import { toHex } from '@stt/crypto'
import { type ListenRelayOptions, listenRelay, type Relay } from '@stt/relay'
import { startHttpProxy } from '@stt/testing'
import { expect, onTestFinished, test } from 'vitest'
import { ownAddresses } from '../src/addresses/own-addresses.ts'
import { Identity, Seed } from '../src/index.ts'
import { createNode, expectEcho, first, pattern, rejection } from './nodes.ts'

async function startRelay(options: ListenRelayOptions = {}): Promise<Relay> {
  const relay = await listenRelay(options)
  onTestFinished(() => relay.close({ drain: 0 }))
  return relay
}

// spec: STT-RLY-22 STT-RLY-32
test('two nodes of which neither listens at an address of its own meet at a relay', async () => {
  const relay = await startRelay()
  const seed = Seed.generate()
  const server = await createNode({ seed, relays: [relay.url] })
  const client = await createNode({ seed, relays: [relay.url], listen: [], paths: { relay: 'only' } })
  expect(server.addresses).toEqual([`relay:${relay.url}#${toHex(server.id)}`])
  expect(server.relays).toEqual([{ url: relay.url, state: 'listening', problem: undefined }])
  expect(client.addresses).toEqual([])

  const accepting = first(server.sessions())
  const dialed = await client.connect({ peer: server.id })
  const accepted = await accepting
  expect(dialed.peer.id).toEqual(server.id)
  expect(dialed.path).toMatchObject({ kind: 'websocket', tier: 3, relayed: true, remote: server.addresses[0] })
  expect(accepted.path).toMatchObject({ kind: 'websocket', tier: 3, relayed: true })
  expect(accepted.path!.remote).toMatch(/^relay:ws:\/\/127\.0\.0\.1:\d+#[0-9a-f]{32}$/)

  await expectEcho(dialed, accepted, pattern(3_000_000))
  expect(relay.getStatistics()).toMatchObject({ listeners: 1, circuits: 1 })
  await dialed.close()
  await accepted.closed
  while (relay.getStatistics().circuits > 0) await new Promise(resolve => setImmediate(resolve))
})

// spec: STT-RLY-32
test('the address at a relay is enough for a node without relays, and leads to no other node', async () => {
  const relay = await startRelay()
  const seed = Seed.generate()
  const server = await createNode({ seed, listen: ['ws://127.0.0.1:0'], relays: [relay.url] })
  const client = await createNode({ seed })
  const [direct, relayed] = server.addresses
  expect(server.addresses).toHaveLength(2)
  const session = await client.connect(relayed!)
  expect(session.peer.id).toEqual(server.id)
  await session.close()

  const other = await createNode({ seed, listen: ['ws://127.0.0.1:0'] })
  expect(await rejection(client.connect(relayed!, { peer: other.id }))).toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
  // Whoever answers at the direct address has to be the node that the other address names.
  const mixed = await rejection(client.connect([other.addresses[0]!, relayed!], { signal: AbortSignal.timeout(8_000) }))
  expect(mixed).toBeUndefined()
  expect(client.liveSessions.map(({ peer }) => toHex(peer.id)).at(-1)).toBe(toHex(server.id))
  expect(direct).toMatch(/^ws:/)
})

test('a session with relays and addresses begins at the best path and has the others', async () => {
  const relay = await startRelay()
  const seed = Seed.generate()
  const server = await createNode({ seed, listen: ['ws://127.0.0.1:0'], relays: [relay.url] })
  const client = await createNode({ seed, relays: [relay.url], listen: [], paths: { shareAddresses: 'none' } })
  const session = await client.connect(server.addresses[0]!, { peer: server.id })
  expect(session.path).toMatchObject({ tier: 2, relayed: false })
})

// spec: STT-RLY-7
test('a relay with keys serves the holders of a key', async () => {
  const seed = Seed.generate()
  const relay = await startRelay({ keys: [seed.deriveRendezvousKeys().access] })
  const server = await createNode({ seed, relays: [relay.url] })
  const client = await createNode({ seed, relays: [relay.url], listen: [] })
  await (await client.connect({ peer: toHex(server.id) })).close()

  const stranger = await createNode({ seed: Seed.generate() })
  expect(await rejection(stranger.connect(server.addresses[0]!))).toMatchObject({
    code: 'STT_CONNECT_FAILED',
    details: { reason: 'auth' },
    message: expect.stringContaining('access key'),
  })
})

test('the error says that nobody is there', async () => {
  const relay = await startRelay()
  const client = await createNode({ seed: Seed.generate(), relays: [relay.url], listen: [] })
  expect(await rejection(client.connect({ peer: Identity.generate().id }))).toMatchObject({
    code: 'STT_CONNECT_FAILED',
    details: { reason: 'nobody' },
    message: expect.stringContaining('holds the same seed'),
  })
  const alone = await createNode({ seed: Seed.generate() })
  expect(await rejection(alone.connect({ peer: Identity.generate().id }))).toMatchObject({
    code: 'STT_INVALID_ARGUMENT',
    message: expect.stringContaining('relays'),
  })
})

// spec: STT-RLY-29
test('the holders of each of two seeds find a node', async () => {
  const relay = await startRelay()
  const [one, two] = [Seed.generate(), Seed.generate()]
  const server = await createNode({ seeds: [one, two], relays: [relay.url] })
  for (const seed of [one, two]) {
    const client = await createNode({ seed, relays: [relay.url], listen: [] })
    await (await client.connect({ peer: server.id })).close()
  }
  server.setSeeds([two])
  const client = await createNode({ seed: two, relays: [relay.url], listen: [] })
  while (server.addresses.length === 0) await new Promise(resolve => setImmediate(resolve))
  await (await client.connect({ peer: server.id })).close()
})

// spec: STT-RLY-31
test('a relay elsewhere is dialed with TLS, unless the node is told otherwise', async () => {
  const seed = Seed.generate()
  const refused = { code: 'STT_BAD_ADDRESS', message: expect.stringContaining('wss://') }
  expect(await rejection(createNode({ seed, relays: ['ws://192.0.2.1'] }))).toMatchObject(refused)
  const client = await createNode({ seed })
  const address = `relay:ws://192.0.2.1#${'ab'.repeat(32)}`
  expect(await rejection(client.connect(address))).toMatchObject(refused)
  const told = await createNode({ seed, plainRelays: true, ws: { limits: { dialTimeout: 20 } } })
  expect(await rejection(told.connect(address))).not.toMatchObject({ code: 'STT_BAD_ADDRESS' })
})

test.each([
  [{ relays: 'wss://relay.example' }, 'STT_INVALID_ARGUMENT'],
  [{ relays: ['udp://127.0.0.1:1'] }, 'STT_BAD_ADDRESS'],
  [{ relays: ['wss://relay.example', 'wss://relay.example'] }, 'STT_INVALID_ARGUMENT'],
  [{ relays: Array.from({ length: 17 }, (_, i) => `wss://relay${i}.example`) }, 'STT_INVALID_ARGUMENT'],
  [{ listen: [`relay:wss://relay.example#${'00'.repeat(32)}`] }, 'STT_BAD_ADDRESS'],
  [{ plainRelays: 1 }, 'STT_INVALID_ARGUMENT'],
  [{ relays: ['wss://relay.example'], listen: [], authorize: () => true }, 'STT_INVALID_ARGUMENT'],
])('options that cannot work are refused: %j', async (options, code) => {
  expect(await rejection(createNode({ seed: Seed.generate(), ...options } as never))).toMatchObject({ code })
})

test.each([
  'relay:wss://relay.example',
  'relay:wss://relay.example#12',
  'relay:udp://1.2.3.4:5#',
  'relay:relay:wss://a#',
])('%s is refused as an address', async text => {
  const client = await createNode({ seed: Seed.generate() })
  expect(await rejection(client.connect(text.endsWith('#') ? text + 'ab'.repeat(32) : text))).toMatchObject({
    code: 'STT_BAD_ADDRESS',
    message: expect.stringContaining('relay:wss://relay.example#…'),
  })
})

// spec: STT-WS-31
test('a node reaches relays through the proxy, both to listen and to dial', async () => {
  const relay = await startRelay({ urls: ['ws://office.invalid:4433'] })
  const port = Number(new URL(relay.url).port)
  await using proxy = await startHttpProxy({ route: () => ({ host: '127.0.0.1', port }) })
  const options = {
    seed: Seed.generate(),
    relays: ['ws://office.invalid:4433'],
    plainRelays: true,
    ws: { proxy: proxy.url },
  }
  const server = await createNode(options)
  const client = await createNode({ ...options, listen: [], paths: { relay: 'only' } })
  const session = await client.connect({ peer: server.id })
  expect(session.path!.relayed).toBe(true)
  expect(new Set(proxy.asked)).toEqual(new Set(['office.invalid:4433']))
  await session.close()
})

test('a closed node holds nothing at its relay', async () => {
  const relay = await startRelay()
  const seed = Seed.generate()
  const server = await createNode({ seed, relays: [relay.url] })
  const client = await createNode({ seed, relays: [relay.url], listen: [] })
  await client.connect({ peer: server.id })
  await server.close()
  while (relay.getStatistics().links.links > 0) await new Promise(resolve => setImmediate(resolve))
  expect(relay.getStatistics()).toMatchObject({ listeners: 0, circuits: 0, faults: 0 })
})

test('a session that ends while its ports are opened leaves nothing behind', async () => {
  const relay = await startRelay()
  const before = udpSockets()
  const seed = Seed.generate()
  const server = await createNode({ seed, relays: [relay.url] })
  const client = await createNode({ seed, relays: [relay.url], listen: [] })
  for (let i = 0; i < 3; i++) await (await client.connect({ peer: server.id })).close({ deadline: 0 })
  const last = await client.connect({ peer: server.id })
  await Promise.all([client.close(), server.close()])
  expect(last.state).toBe('closed')
  expect([client, server].map(node => node.getStatistics().faults)).toEqual([0, 0])
  while (udpSockets() > before) await new Promise(resolve => setImmediate(resolve))
})

// idle-upgrade and same-nat of the scenarios, as far as one machine goes: both are in one network.
test('an idle session moves from the relay to UDP by itself', async context => {
  if (ownAddresses(networkInterfaces()).length === 0) return context.skip()
  const relay = await startRelay()
  const seed = Seed.generate()
  const server = await createNode({ seed, relays: [relay.url] })
  const client = await createNode({ seed, relays: [relay.url], listen: [] })
  const session = await client.connect({ peer: server.id })
  if (session.path?.kind !== 'udp') {
    await new Promise<void>(resolve => session.onPath(({ to }) => to.kind === 'udp' && resolve()))
  }
  expect(session.path).toMatchObject({ kind: 'udp', relayed: false, tier: 0 })
  await session.ping()
})

const udpSockets = (): number => process.getActiveResourcesInfo().filter(name => name === 'UDPWrap').length
