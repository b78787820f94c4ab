import { expectWarnings } from '@stt/vitest-config/warnings'
import { describe, expect, test } from 'vitest'
import { Seed, STTNode } from '../src/index.ts'
import { collect, connected, createNode, expectBytes, first, pattern, rejection } from './nodes.ts'

expectWarnings('STT_CLOSED')

describe.each(['ws://127.0.0.1:0', 'udp://127.0.0.1:0', 'udp://[::1]:0'])('over %s', address => {
  test('closing delivers what was written, and both ends learn code and reason', async () => {
    const { dialed, accepted } = await connected({}, address)
    const stream = await dialed.openSendStream()
    const bytes = pattern(900_000)
    const reading = first(accepted.streams()).then(collect)
    await stream.write(bytes)
    await stream.end()
    const reason = await dialed.close({ code: 7, reason: 'finished' })
    expect(reason).toMatchObject({ by: 'local', code: 7, reason: 'finished' })
    expect(await accepted.closed).toMatchObject({ by: 'peer', app: true, code: 7, reason: 'finished' })
    expectBytes(await reading, bytes)
    await expect(dialed.openStream()).rejects.toMatchObject({ code: 'STT_CLOSED' })
    expect(() => dialed.rotateKeys()).toThrow(/closed/)
    expect([dialed.path, dialed.paths]).toEqual([undefined, []])
  })

  test('a peer that closes in the middle of a stream does not make it look whole', async () => {
    const { dialed, accepted } = await connected({}, address)
    const stream = await dialed.openSendStream()
    await stream.write(pattern(1_000))
    const incoming = await first(accepted.streams())
    await dialed.close()
    expect(await rejection(collect(incoming))).toMatchObject({ code: 'STT_CLOSED' })
  })

  test('keys rotate while bytes flow', async () => {
    const { dialed, accepted } = await connected({}, address)
    const stream = await dialed.openSendStream()
    const reading = first(accepted.streams()).then(collect)
    const bytes = pattern(2_000_000)
    await stream.write(bytes.subarray(0, 1_000_000))
    dialed.rotateKeys()
    await stream.write(bytes.subarray(1_000_000))
    await stream.end()
    expectBytes(await reading, bytes)
    await dialed.ping()
    expect(dialed.getStatistics()).toMatchObject({ sendEpoch: 1, receiveEpoch: 1, keyEpoch: 1 })
    expect(accepted.getStatistics()).toMatchObject({ sendEpoch: 1, receiveEpoch: 1 })
  })

  test('datagrams arrive whole and their senders learn of it, and a larger one is refused', async () => {
    const { dialed, accepted } = await connected({}, address)
    const receiving = first(accepted.datagrams())
    const fate = dialed.sendDatagram(pattern(1_000))
    expect(await receiving).toEqual(pattern(1_000))
    expect(await fate).toBe('acknowledged')
    expect(() => dialed.sendDatagram(new Uint8Array(dialed.maxDatagramSize + 1))).toThrow(/at most/)
  })

  test('both ends export the same key for the same label', async () => {
    const { dialed, accepted } = await connected({}, address)
    expect(dialed.exportKey('label', 32)).toEqual(accepted.exportKey('label', 32))
    expect(dialed.exportKey('label', 32)).not.toEqual(dialed.exportKey('another', 32))
  })

  test('a handler that fails loses its own session and nothing else', async () => {
    const seed = Seed.generate()
    const server = await createNode({ seed, listen: [address] })
    let calls = 0
    server.onSession(() => {
      calls++
      if (calls === 1) throw new Error('a bug of the application')
    })
    const warned = new Promise<Error>(resolve => process.once('warning', resolve))
    const client = await createNode({ seed })
    const unlucky = await client.connect(server.addresses)
    expect(await unlucky.closed).toMatchObject({ by: 'peer', code: 1 })
    expect((await warned).message).toMatch(/handler failed/)
    const lucky = await client.connect(server.addresses)
    expect(await lucky.ping()).toBeGreaterThanOrEqual(0)
  })

  test('a stranger without the seed gets silence, and is counted', async () => {
    const server = await createNode({ seed: Seed.generate(), listen: [address] })
    const stranger = await createNode({ seed: Seed.generate(), limits: { handshakeTimeout: 200 } })
    const error = await rejection(stranger.connect(server.addresses))
    expect(error).toMatchObject({ code: 'STT_TIMEOUT' })
    expect((error as Error).message).toMatch(/not running.*address is wrong.*another seed/)
    expect(server.getStatistics()).toMatchObject({ badMac: 1, sessions: 0 })
  })

  test('a dial can name the node that has to answer', async () => {
    const { server, client } = await connected({ limits: { handshakeTimeout: 1_000 } }, address)
    const again = await client.connect(server.addresses, { peer: server.id })
    expect(again.peer.id).toEqual(server.id)
    const error = await rejection(client.connect(server.addresses, { peer: client.id }))
    expect(error).toMatchObject({ code: 'STT_PEER_REFUSED' })
  })

  test('a listener at its session limit says that it is busy', async () => {
    const { server, client } = await connected({ limits: { sessions: 1 } }, address)
    const other = await createNode({ seed: Seed.generate(), limits: { sessions: 1 } })
    expect(other.getStatistics().sessions).toBe(0)
    await expect(client.connect(server.addresses)).rejects.toMatchObject({ code: 'STT_LIMIT' })
  })
})

test.each([
  ['nonsense', 'STT_BAD_ADDRESS'],
  ['http://127.0.0.1:1', 'STT_BAD_ADDRESS'],
  ['udp://127.0.0.1', 'STT_BAD_ADDRESS'],
  ['ws://user:secret@127.0.0.1:1', 'STT_BAD_ADDRESS'],
  ['ws://127.0.0.1:1', 'STT_CONNECT_FAILED'],
])('dialing %s fails with %s', async (address, code) => {
  const node = await createNode({ seed: Seed.generate() })
  await expect(node.connect(address)).rejects.toMatchObject({ code })
})

test('the first of several addresses that answers is taken', async () => {
  const { server, client } = await connected()
  const session = await client.connect(['ws://127.0.0.1:1', server.addresses[0]!])
  expect(await session.ping()).toBeGreaterThanOrEqual(0)
})

test('the error names a port that is taken, and the failed node leaves nothing behind', async () => {
  const seed = Seed.generate()
  const holder = await createNode({ seed, listen: ['ws://127.0.0.1:0'] })
  const making = STTNode.create({ seed, listen: ['ws://127.0.0.1:0', holder.addresses[0]!] })
  await expect(making).rejects.toMatchObject({ code: 'STT_ADDRESS_IN_USE' })
})

test('an abort of its signal ends connect', async () => {
  const { server } = await connected()
  const client = await createNode({ seed: Seed.generate() })
  const error = await rejection(client.connect(server.addresses, { signal: AbortSignal.timeout(50) }))
  expect(error).toMatchObject({ code: 'STT_TIMEOUT', cause: { name: 'TimeoutError' } })
  const aborted = rejection(client.connect(server.addresses, { signal: AbortSignal.abort('no') }))
  expect(await aborted).toMatchObject({ code: 'STT_ABORTED', cause: 'no' })
})
