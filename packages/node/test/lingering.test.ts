import { expect, test } from 'vitest'
import { Seed } from '../src/index.ts'
import { SessionPlaces } from '../src/peers/session-places.ts'
import { createNode, first } from './nodes.ts'

test('a peer that comes back right after its close finds its place free, and little is kept of its last session', async () => {
  const seed = Seed.generate()
  const limits = { sessionsPerPeer: 1, sessionsPerPrefix: 1, sessions: 2 }
  const server = await createNode({ seed, listen: ['udp://127.0.0.1:0'], limits })
  const client = await createNode({ seed })
  for (let i = 0; i < 8; i++) {
    const session = await client.connect(server.addresses)
    // The server absorbs late packets of two at most, which take nobody's place.
    expect(server.getStatistics().sessions).toBeLessThanOrEqual(3)
    await session.close()
  }
  expect(server.getStatistics()).toMatchObject({ sessionsOpened: 8, limited: { sessions: 0, sessionsPerPeer: 0 } })
})

test('a session that this side closed gives its place back too', async () => {
  const seed = Seed.generate()
  const server = await createNode({ seed, listen: ['udp://127.0.0.1:0'], limits: { sessionsPerPeer: 1 } })
  const client = await createNode({ seed })
  for (let i = 0; i < 2; i++) {
    const accepting = first(server.sessions())
    await client.connect(server.addresses)
    await (await accepting).close()
  }
  await client.connect(server.addresses)
  expect(server.getStatistics()).toMatchObject({ sessionsOpened: 3, limited: { sessionsPerPeer: 0 } })
})

test('a session that is still open keeps its place, whatever others of its peer have ended', async () => {
  const seed = Seed.generate()
  const server = await createNode({ seed, listen: ['udp://127.0.0.1:0'], limits: { sessionsPerPeer: 2 } })
  const client = await createNode({ seed })
  await client.connect(server.addresses)
  const ended = await client.connect(server.addresses)
  await ended.close()
  await client.connect(server.addresses)
  await expect(client.connect(server.addresses)).rejects.toMatchObject({ code: 'STT_BUSY' })
})

test('a place is given back once, however often its session ends', () => {
  const places = new SessionPlaces({ sessionsPerPeer: 2, sessionsPerPrefix: 9 })
  const id = new Uint8Array(32)
  const leave = places.take(id, '')
  places.take(id, '')
  leave()
  leave()
  places.take(id, '')
  expect(places.isPeerFull(id)).toBe(true)
})
