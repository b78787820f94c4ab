import { Initiator, type TrustStore } from '@stt/handshake'
import { dialWebSocket } from '@stt/transport-ws'
import { describe, expect, test } from 'vitest'
import { Identity, Seed, type SttError } from '../src/index.ts'
import { createNode, first, pattern, rejection } from './nodes.ts'
import { virtualNodes } from './virtual-nodes.ts'

describe.each(['ws://127.0.0.1:0', 'udp://127.0.0.1:0'])('over %s', address => {
  test('a listener without room for one more session says that it is busy', async () => {
    const seed = Seed.generate()
    const server = await createNode({ seed, listen: [address], limits: { sessions: 2 } })
    const client = await createNode({ seed })
    const [session] = [await client.connect(server.addresses), await client.connect(server.addresses)]
    await expect(client.connect(server.addresses)).rejects.toMatchObject({ code: 'STT_BUSY' })
    expect(server.getStatistics()).toMatchObject({ busy: 1, sessions: 2 })
    await session.close()
    await expect.poll(() => server.getStatistics().sessions, { timeout: 10_000 }).toBe(1)
    expect((await client.connect(server.addresses)).state).toBe('active')
  })

  test('a node is revoked alone: the sessions of others go on', async () => {
    const seed = Seed.generate()
    const [one, other] = [Identity.generate(), Identity.generate()]
    const server = await createNode({ seed, listen: [address], peers: { allow: [one.id, other.id] } })
    const revoked = await (await createNode({ seed, identity: one })).connect(server.addresses)
    const kept = await (await createNode({ seed, identity: other })).connect(server.addresses)
    await server.revoke(one.id)
    expect(await revoked.closed).toMatchObject({ by: 'peer', reason: 'revoked' })
    expect(await kept.ping()).toBeGreaterThanOrEqual(0)
    expect(kept.state).toBe('active')
  })

  test('authorize and the policy both have to agree', async () => {
    const seed = Seed.generate()
    const friend = Identity.generate()
    const server = await createNode({ seed, listen: [address], peers: { allow: [friend.id] }, authorize: () => true })
    const stranger = await createNode({ seed })
    await expect(stranger.connect(server.addresses)).rejects.toMatchObject({ code: 'STT_PEER_REFUSED' })
    const client = await createNode({ seed, identity: friend })
    expect((await client.connect(server.addresses)).state).toBe('active')
  })

  test('an authorize that throws, at once or later, lets nobody in, and the operator hears of it', async () => {
    const seed = Seed.generate()
    const failures = [
      () => {
        throw new Error('at once')
      },
      () => Promise.reject(new Error('later')),
    ]
    const server = await createNode({ seed, listen: [address], authorize: () => failures.shift()!() })
    const client = await createNode({ seed })
    for (const message of ['at once', 'later']) {
      const warned = new Promise<Error>(resolve => process.once('warning', resolve))
      await expect(client.connect(server.addresses)).rejects.toMatchObject({ code: 'STT_PEER_REFUSED' })
      expect((await warned).cause).toMatchObject({ message })
    }
    expect(server.getStatistics()).toMatchObject({ refused: 2, sessions: 0 })
  })

  test('a dialer tells who it is to nobody who is not on its allowlist', async () => {
    const seed = Seed.generate()
    const server = await createNode({ seed, listen: [address] })
    const client = await createNode({ seed, peers: { allow: [pattern(32)] }, limits: { handshakeTimeout: 300 } })
    await expect(client.connect(server.addresses)).rejects.toMatchObject({ code: 'STT_PEER_REFUSED' })
    expect(server.getStatistics()).toMatchObject({ accepted: 0, sessionsOpened: 0 })
  })

  test('a dialer whose store trusts another node since a moment ago keeps no session', async () => {
    const seed = Seed.generate()
    const server = await createNode({ seed, listen: [address] })
    const store: TrustStore = { list: async () => [], admit: async () => false, revoke: async () => {} }
    const client = await createNode({ seed, peers: { trustOnFirstUse: store } })
    const accepting = first(server.sessions())
    const error = await rejection(client.connect(server.addresses))
    expect(error).toMatchObject({ code: 'STT_PEER_REFUSED' })
    expect(await (await accepting).closed).toMatchObject({ by: 'peer', error: { code: 'STT_CLOSED' } })
    await expect.poll(() => client.getStatistics().sessions, { timeout: 10_000 }).toBe(0)
  })
})

test('a dial that is called off leaves nothing behind at either end, after whatever step that happens', async () => {
  const outcomes: unknown[] = []
  for (let steps = 0; steps < 20; steps++) {
    const nodes = await virtualNodes({ seed: 1 })
    const abort = new AbortController()
    const dialing = nodes.client.connect('udp://10.0.0.1:4433', { signal: abort.signal })
    const outcome = dialing.then(
      session => session.close({ deadline: 0 }).then(() => 'session'),
      (error: SttError) => error.code,
    )
    for (let i = 0; i < steps; i++) {
      await new Promise(resolve => setImmediate(resolve))
      nodes.pair.loop.step()
    }
    abort.abort()
    outcomes.push(await nodes.run(outcome))
    expect(nodes.client.getStatistics().dialing).toBe(0)
    await nodes.run(new Promise<void>(resolve => nodes.pair.loop.after(15_000, resolve)))
    expect(nodes.client.getStatistics(), `${steps} steps`).toMatchObject({ sessions: 0, dialing: 0 })
    expect(nodes.server.getStatistics(), `${steps} steps`).toMatchObject({ sessions: 0, pending: 0 })
  }
  expect(new Set(outcomes)).toEqual(new Set(['STT_ABORTED', 'session']))
})

test('a WebSocket whose HELLO was answered, and that goes no further, is closed by the handshake’s deadline', async () => {
  const seed = Seed.generate()
  const server = await createNode({ seed, listen: ['ws://127.0.0.1:0'], limits: { handshakeTimeout: 200 } })
  const link = await dialWebSocket(server.addresses[0]!)
  const initiator = new Initiator({
    keys: seed.deriveKeys(),
    identity: Identity.generate(),
    entropy: length => crypto.getRandomValues(new Uint8Array(length)),
    limits: { idleTimeout: 1, maxData: 0, maxStreamData: 0, maxDatagram: 0, maxMessage: 0, maxStreamsBidi: 0, maxStreamsUni: 0 }, // biome-ignore format: one line
    localCid: pattern(8),
    datagram: false,
  })
  const answered = new Promise(resolve => {
    link.onPacket = resolve
  })
  const closed = new Promise<void>(resolve => {
    link.onClose = () => resolve()
  })
  link.send(initiator.createHello(0))
  await answered
  await closed
  await expect.poll(() => server.getStatistics()).toMatchObject({ pending: 0, sessionsOpened: 0 })
})

test('of datagrams that nobody reads 256 are kept, the newest, and the others counted', async () => {
  const seed = Seed.generate()
  const server = await createNode({ seed, listen: ['ws://127.0.0.1:0'] })
  const client = await createNode({ seed })
  const accepting = first(server.sessions())
  const dialed = await client.connect(server.addresses)
  const accepted = await accepting
  for (let i = 0; i < 300; i += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, j) => dialed.sendDatagram(Uint8Array.of((i + j) >>> 8, i + j))))
  }
  expect(accepted.getStatistics().datagramsExpired).toBe(44)
  const received: number[] = []
  for await (const [high = 0, low = 0] of accepted.datagrams()) {
    received.push(high * 256 + low)
    if (received.length === 256) break
  }
  expect(received).toEqual(Array.from({ length: 256 }, (_, i) => i + 44))
})
