import { isPacket, packetEpochBits } from '@stt/frame'
import { expect, test } from 'vitest'
import { Identity, Seed } from '../src/index.ts'
import { collect, createNode, expectBytes, first, pattern } from './nodes.ts'
import { packetsOf, tapTcp } from './tcp-tap.ts'

const WINDOW = 8

/** Every run of 8 bytes in `bytes`, as text with one character a byte. */
function* windowsOf(bytes: Uint8Array): Generator<string> {
  const text = Buffer.from(bytes).toString('latin1')
  for (let i = 0; i + WINDOW <= text.length; i++) yield text.slice(i, i + WINDOW)
}

test('somebody on the path sees neither file, metadata, node ids nor static keys, in any window of 8 bytes', async () => {
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

  const secrets = new Set<string>()
  const hidden = [
    file,
    new TextEncoder().encode(metadata.name),
    identities.server.id,
    identities.client.id,
    identities.server.publicKey,
    identities.client.publicKey,
    seed.toBytes(),
  ]
  for (const bytes of hidden) for (const window of windowsOf(bytes)) secrets.add(window)

  const packets = [...packetsOf(tap.captured.toServer, 'server'), ...packetsOf(tap.captured.toClient, 'client')]
  const found = packets.flatMap(packet => [...windowsOf(packet)].filter(window => secrets.has(window)))
  expect(found).toEqual([])
  // The capture is the real thing: it holds as many bytes as the file, and packets of both epochs in both directions.
  expect(packets.reduce((sum, packet) => sum + packet.length, 0)).toBeGreaterThan(file.length)
  for (const direction of [packetsOf(tap.captured.toServer, 'server'), packetsOf(tap.captured.toClient, 'client')]) {
    const epochs = new Set(direction.filter(isPacket).map(packetEpochBits))
    expect(epochs.has(0) && epochs.has(1)).toBe(true)
  }
})

test('the search of the wiretap test finds what is there', () => {
  const file = pattern(64)
  const secrets = new Set(windowsOf(file))
  const packet = new Uint8Array([1, 2, 3, ...file.subarray(20, 28), 4, 5])
  expect([...windowsOf(packet)].filter(window => secrets.has(window))).toHaveLength(1)
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
