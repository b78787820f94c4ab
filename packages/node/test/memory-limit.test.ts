import { describe, expect, test, vi } from 'vitest'
import { Seed, type Session } from '../src/index.ts'
import { createNode, first, pattern, rejection } from './nodes.ts'

const MIB = 1024 * 1024

/** Fills every stream that it may open with all that credit allows, and never waits for the rest. */
async function fill(session: Session): Promise<void> {
  for (let opened = 0; opened < STREAMS; opened++) {
    const stream = await session.openSendStream()
    stream.write(pattern(20_000)).catch(() => {})
  }
}

const STREAMS = 100

describe.each(['ws://127.0.0.1:0', 'udp://127.0.0.1:0'])('over %s', address => {
  test('a holder of the seed that fills the sessions of a node is kept from more, and the node goes on with the others', async () => {
    const seed = Seed.generate()
    const limits = { memory: 4 * MIB }
    const server = await createNode({ seed, listen: [address], limits })
    const holder = await createNode({ seed })
    const honest = await createNode({ seed })

    const accepted = server.sessions()[Symbol.asyncIterator]()
    const nextSession = async (): Promise<Session> => {
      const { value } = await accepted.next()
      return value as Session
    }
    const early = await honest.connect(server.addresses)
    const earlyAccepted = await nextSession()

    const taken: Session[] = []
    let refused: unknown
    while (refused === undefined && taken.length < 10) {
      try {
        const session = await holder.connect(server.addresses)
        taken.push(await nextSession())
        await fill(session)
        // A round trip behind the data: the server has counted it.
        for (let i = 0; i < 3; i++) await session.ping()
      } catch (error) {
        refused = error
      }
    }
    expect(refused).toMatchObject({ code: 'STT_BUSY' })
    expect(taken.length).toBeGreaterThan(1)
    const { memoryHeld, limited } = server.getStatistics()
    expect(memoryHeld).toBeGreaterThan(4 * MIB)
    expect(memoryHeld).toBeLessThan(7 * MIB)
    expect(limited.memory).toBe(1)
    for (const session of taken) expect(session.getStatistics().streams.receiveWindow).toBeLessThanOrEqual(8 * MIB)

    // An honest session from before is served.
    const stream = await early.openSendStream()
    await stream.write(pattern(100))
    await stream.end()
    const incoming = await first(earlyAccepted.streams())
    expect(await incoming.readAll({ maxBytes: 1_000 })).toEqual(pattern(100))
    // The node itself dials nobody either.
    expect(await rejection(server.connect(server.addresses[0]!))).toMatchObject({
      code: 'STT_LIMIT',
      message: expect.stringContaining('limits.memory'),
    })

    // What is given up makes room.
    await Promise.all(taken.map(session => session.close({ deadline: 0 })))
    await vi.waitFor(() => expect(server.getStatistics().memoryHeld).toBeLessThan(MIB), 20_000)
    const late = await honest.connect(server.addresses)
    expect(late.state).toBe('active')
  })
})
