import { provider } from '@stt/crypto'
import { measureMemory, settledProvider } from '@stt/testing'
import { expect, test } from 'vitest'
import { Seed, type Session, type Stream } from '../src/index.ts'
import { collect, createNode, first, pattern } from './nodes.ts'

const isLong = process.env['STT_SEEDS'] !== undefined
const STREAMS = isLong ? 10_000 : 2_500
const SESSIONS = isLong ? 1_000 : 250

/** Bytes that are reachable, each counted once. */
async function keptMemory(): Promise<number> {
  await measureMemory()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

test(`one session carries ${STREAMS} streams, each open at both ends at once`, async () => {
  const seed = Seed.generate()
  const limits = { streams: 16_384, maxSessionWindow: 16 * 1024 * 1024 }
  const server = await createNode({ seed, listen: ['ws://127.0.0.1:0'], limits })
  const client = await createNode({ seed, limits })
  const accepting = first(server.sessions())
  const dialed = await client.connect(server.addresses)
  const accepted = await accepting
  await settledProvider(provider)
  expect(server.getStatistics().cryptography).toEqual({ 'node+wasm': 1 })
  const before = await keptMemory()

  const incoming: Stream[] = []
  const taking = (async () => {
    for await (const stream of accepted.streams()) {
      incoming.push(stream)
      if (incoming.length === STREAMS) return
    }
  })()
  const streams = await Promise.all(Array.from({ length: STREAMS }, () => dialed.openStream()))
  // One byte each, so that the other end has them all too.
  await Promise.all(streams.map((stream, i) => stream.write(Uint8Array.of(i & 0xff))))
  await taking
  expect(accepted.getStatistics().streams).toMatchObject({ open: STREAMS, openedByPeer: STREAMS })
  const bytes = ((await keptMemory()) - before) / STREAMS
  console.log(`${STREAMS} streams: ${Math.round(bytes)} bytes for each, both ends together`)
  // As it was measured, with room for other versions of Node.js: growth shows.
  expect(bytes).toBeLessThan(8_000)

  const expected = new Map(streams.map(({ id }, i) => [id, i & 0xff]))
  await Promise.all(
    incoming.map(async stream => {
      expect((await first(stream))[0]).toBe(expected.get(stream.id))
      await stream.end()
    }),
  )
  await Promise.all(streams.map(stream => stream.end()))
  await dialed.ping()
  while (dialed.getStatistics().streams.open + accepted.getStatistics().streams.open > 0) await dialed.ping()
  expect(dialed.getStatistics().streams.finished).toBe(STREAMS)
  streams.length = 0
  incoming.length = 0
  expected.clear()
  // What the first streams made for all, such as compiled code, does not grow with their number.
  expect((await keptMemory()) - before).toBeLessThan(4_000_000)
})

test(`one process holds both ends of ${SESSIONS} sessions, over one UDP socket and one each`, async () => {
  const seed = Seed.generate()
  const server = await createNode({
    seed,
    listen: ['udp://127.0.0.1:0'],
    limits: { handshakesPerPrefix: 5_000, sessionsPerPeer: SESSIONS },
  })
  const client = await createNode({ seed })
  server.onSession(async session => {
    for await (const stream of session.streams()) {
      await stream.write(await collect(stream))
      await stream.end()
    }
  })
  await (await client.connect(server.addresses)).close()
  // Its other end may know of that a moment later.
  await expect.poll(() => server.getStatistics().sessions).toBe(0)
  await settledProvider(provider)
  const before = await keptMemory()
  const sessions: Session[] = []
  while (sessions.length < SESSIONS) {
    const dialing = Array.from({ length: 50 }, () => client.connect(server.addresses))
    sessions.push(...(await Promise.all(dialing)))
  }
  // Each carries something, so that nothing of it is put off.
  const exchange = async (session: Session, i: number): Promise<void> => {
    const stream = await session.openStream()
    await stream.write(pattern(100 + i))
    await stream.end()
    expect(await collect(stream)).toEqual(pattern(100 + i))
  }
  for (let i = 0; i < SESSIONS; i += 100) await Promise.all(sessions.slice(i, i + 100).map(exchange))
  expect(server.getStatistics()).toMatchObject({ sessions: SESSIONS, sessionsOpened: SESSIONS + 1 })
  const bytes = ((await keptMemory()) - before) / SESSIONS
  console.log(`${SESSIONS} sessions: ${Math.round(bytes)} bytes for each, both ends together`)
  // 68 KB as it was measured on an idle machine. On a busy one sessions doubt their paths meanwhile, and what looks for others
  // then is there: 97 KB have been seen. What both nodes have once is shared by fewer in a short run.
  expect(bytes).toBeLessThan(isLong ? 82_000 : 110_000)

  await client.close()
  await expect.poll(() => server.getStatistics().sessions).toBe(0)
})
