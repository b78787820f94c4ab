import { describe, expect, test } from 'vitest'
import { Identity, Seed, type Session, type STTNode } from '../src/index.ts'
import { collect, createNode, first, pattern, rejection } from './nodes.ts'

const BYTES = pattern(5_000)

/** What the case is about: a client whose bytes were acknowledged, and that closed in peace. */
async function deliver(client: STTNode, addresses: readonly string[]): Promise<void> {
  const session = await client.connect(addresses)
  const stream = await session.openSendStream()
  await stream.write(BYTES)
  await stream.end()
  await stream.delivered
  await session.close()
}

const read = async (session: Session): Promise<Uint8Array> => collect(await first(session.streams()))

describe('unread sessions', () => {
  const address = 'ws://127.0.0.1:0'

  test('a session that ended before it was taken comes with all it brought, and holds a place until then', async () => {
    const seed = Seed.generate()
    const server = await createNode({ seed, listen: [address], limits: { sessions: 1 } })
    const client = await createNode({ seed })
    await deliver(client, server.addresses)
    await expect.poll(() => server.getStatistics()).toMatchObject({ sessions: 0, sessionsUntaken: 1 })
    expect(await rejection(client.connect(server.addresses))).toMatchObject({ code: 'STT_BUSY' })

    const taken = await first(server.sessions())
    expect(await taken.closed).toMatchObject({ by: 'peer', code: 0 })
    expect(Buffer.compare(await read(taken), BYTES)).toBe(0)
    expect(server.getStatistics().sessionsUntaken).toBe(0)
    const next = await client.connect(server.addresses)
    await next.close()
  })

  test('a handler that comes late gets it too, and a session without anything in it is forgotten', async () => {
    const seed = Seed.generate()
    const server = await createNode({ seed, listen: [address] })
    const client = await createNode({ seed })
    const empty = await client.connect(server.addresses)
    await empty.close()
    await deliver(client, server.addresses)
    await expect.poll(() => server.getStatistics()).toMatchObject({ sessions: 0, sessionsUntaken: 1 })
    const taken = await new Promise<Session>(resolve => server.onSession(resolve))
    expect(Buffer.compare(await read(taken), BYTES)).toBe(0)
  })
})

test('untaken sessions of one peer count among its own, and go when it is revoked', async () => {
  const seed = Seed.generate()
  const [good, bad] = [Identity.generate(), Identity.generate()]
  const peers = { allow: [good.id, bad.id] }
  const server = await createNode({ seed, listen: ['ws://127.0.0.1:0'], peers, limits: { sessionsPerPeer: 1 } })
  const client = await createNode({ seed, identity: bad })
  const other = await createNode({ seed, identity: good })
  await deliver(client, server.addresses)
  await expect.poll(() => server.getStatistics()).toMatchObject({ sessions: 0, sessionsUntaken: 1 })
  expect(await rejection(client.connect(server.addresses))).toMatchObject({ code: 'STT_BUSY' })
  await deliver(other, server.addresses)
  await expect.poll(() => server.getStatistics()).toMatchObject({ sessions: 0, sessionsUntaken: 2 })
  await server.revoke(bad.id)
  expect(server.getStatistics().sessionsUntaken).toBe(1)
  expect((await first(server.sessions())).peer.id).toEqual(good.id)
})

describe('draining', () => {
  test('refuses new sessions, lets those at work finish, and says when the last one has', async () => {
    const seed = Seed.generate()
    const server = await createNode({ seed, listen: ['ws://127.0.0.1:0'] })
    const client = await createNode({ seed })
    server.onSession(session => session.onStream(async stream => stream.write(await stream.readExactly(3))))
    const session = await client.connect(server.addresses)
    let isDrained = false
    const draining = server.drain().then(() => {
      isDrained = true
    })
    expect(await rejection(client.connect(server.addresses))).toMatchObject({ code: 'STT_BUSY' })
    const stream = await session.openStream()
    await stream.write(pattern(3))
    expect(await stream.readExactly(3)).toEqual(pattern(3))
    expect(isDrained).toBe(false)
    const aborted = rejection(server.drain({ signal: AbortSignal.abort() }))
    expect(await aborted).toMatchObject({ code: 'STT_ABORTED' })
    await session.close()
    await draining
    await server.drain()
  })

  test('closes what is still at work after its deadline', async () => {
    const seed = Seed.generate()
    const server = await createNode({ seed, listen: ['ws://127.0.0.1:0'] })
    const client = await createNode({ seed })
    const session = await client.connect(server.addresses)
    await session.ping()
    await server.drain({ deadline: 0 })
    expect(await session.closed).toMatchObject({ by: 'peer', app: true })
    const another = await createNode({ seed, listen: ['ws://127.0.0.1:0'] })
    const left = await client.connect(another.addresses)
    await left.ping()
    // Who waits no longer has not taken the deadline back.
    const waiting = rejection(another.drain({ deadline: 1, signal: AbortSignal.abort() }))
    expect(await waiting).toMatchObject({ code: 'STT_ABORTED' })
    expect(await left.closed).toMatchObject({ by: 'peer', app: true })
    expect(await rejection(server.drain({ deadline: -1 }))).toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
    expect(await rejection(server.drain({ timeout: 1 } as never))).toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
  })
})
