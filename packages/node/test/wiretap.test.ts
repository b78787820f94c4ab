import { isPacket, packetEpochBits } from '@stt/frame'
import { listenRelay } from '@stt/relay'
import { findSecrets } from '@stt/testing'
import { expect, test } from 'vitest'
import { Identity, Seed } from '../src/index.ts'
import { collect, createNode, expectBytes, first, pattern } from './nodes.ts'
import { secretsOf } from './secrets.ts'
import { packetsOf, tapTcp } from './tcp-tap.ts'

test('an observer of the path sees neither file, metadata, node ids nor static keys, in any window of 8 bytes', async () => {
  const seed = Seed.generate()
  const identities = { server: Identity.generate(), client: Identity.generate() }
  const metadata = { name: 'a name that nobody else may read' }
  const server = await createNode({ seed, listen: ['ws://127.0.0.1:0'], identity: identities.server, metadata })
  const client = await createNode({ seed, identity: identities.client, metadata })
  const tap = await tapTcp(server.addresses[0]!)
  const file = pattern(300_000)

  const incoming = first(server.sessions())
  const dialed = await client.connect(tap.address)
  const accepted = await incoming
  const received = first(accepted.streams()).then(collect)
  const stream = await dialed.openStream()
  await stream.write(file.subarray(0, 150_000))
  await dialed.ping()
  dialed.rotateKeys()
  await dialed.ping()
  await stream.write(file.subarray(150_000))
  await stream.end()
  expectBytes(await received, file)
  expect(dialed.getStatistics().keyEpoch).toBeGreaterThanOrEqual(1)
  expect(accepted.getStatistics().keyEpoch).toBeGreaterThanOrEqual(1)
  await client.close()
  await tap.close()

  const packets = [...packetsOf(tap.captured.toServer, 'server'), ...packetsOf(tap.captured.toClient, 'client')]
  const secrets = secretsOf(seed, identities.server, identities.client)
  expect(findSecrets(packets, { ...secrets, file, name: new TextEncoder().encode(metadata.name) })).toEqual([])
  // The capture is the real thing: it holds as many bytes as the file, and packets of both epochs in both directions.
  expect(packets.reduce((sum, packet) => sum + packet.length, 0)).toBeGreaterThan(file.length)
  for (const direction of [packetsOf(tap.captured.toServer, 'server'), packetsOf(tap.captured.toClient, 'client')]) {
    const epochs = new Set(direction.filter(isPacket).map(packetEpochBits))
    expect(epochs.has(0) && epochs.has(1)).toBe(true)
  }
})

// spec: STT-RLY-12 STT-REG-3
test('an observer of a relay and its registry sees no more, when two nodes find each other there by their seed', async () => {
  const seed = Seed.generate()
  const identities = [Identity.generate(), Identity.generate()] as const
  const metadata = { name: 'a name that nobody else may read' }
  await using relay = await listenRelay()
  const tap = await tapTcp(relay.url)
  const options = { seed, relays: [tap.address], metadata, paths: { relay: 'only' } as const }
  const server = await createNode({ ...options, identity: identities[0] })
  const client = await createNode({ ...options, identity: identities[1], listen: [] })
  const accepting = first(server.sessions())
  const session = await client.connect({ signal: AbortSignal.timeout(20_000) })
  const stream = await session.openStream()
  const file = pattern(50_000)
  const received = first((await accepting).streams()).then(collect)
  await stream.write(file)
  await stream.end()
  expectBytes(await received, file)
  await client.close()
  await server.close()
  await tap.close()

  const messages = tap.connections.flatMap(({ toServer, toClient }) => [
    ...packetsOf(toServer, 'server'),
    ...packetsOf(toClient, 'client'),
  ])
  const name = new TextEncoder().encode(metadata.name)
  expect(findSecrets(messages, { ...secretsOf(seed, ...identities), file, name })).toEqual([])
  // GREETING, LISTEN, DIAL, INCOMING, ACCEPT, SPLICED, PUT, GET, STORED and RECORDS were there, and the file.
  const types = new Set(messages.map(message => message[0]!.toString(16)))
  expect([...types]).toEqual(expect.arrayContaining('c0 c1 c2 c3 c4 c5 e1 e2 e3 e4'.split(' ')))
  expect(messages.reduce((sum, { length }) => sum + length, 0)).toBeGreaterThan(file.length)
})

test('a session whose connection is cut ends as truncated at both ends, and so do its streams', async () => {
  const seed = Seed.generate()
  // No other connection is waited for.
  const limits = { detachedTimeout: 0 }
  const server = await createNode({ seed, listen: ['ws://127.0.0.1:0'], limits })
  const tap = await tapTcp(server.addresses[0]!)
  const incoming = first(server.sessions())
  const client = await createNode({ seed, limits })
  const dialed = await client.connect(tap.address)
  const accepted = await incoming
  const stream = await dialed.openStream()
  await stream.write(pattern(1_000))
  const reading = first(accepted.streams()).then(collect)
  await dialed.ping()
  tap.cut()
  await expect(reading).rejects.toMatchObject({ code: 'STT_TRUNCATED' })
  await expect(stream.delivered).rejects.toMatchObject({ code: 'STT_TRUNCATED' })
  expect((await dialed.closed).error.code).toBe('STT_TRUNCATED')
  expect((await accepted.closed).error.code).toBe('STT_TRUNCATED')
  await tap.close()
})
