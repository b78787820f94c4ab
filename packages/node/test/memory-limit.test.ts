import { measureMemory } from '@stt/testing'
import { describe, expect, test, vi } from 'vitest'
import { Seed, type Session, type STTNode, type Stream } from '../src/index.ts'
import { createNode, first, pattern, rejection } from './nodes.ts'

const MIB = 1024 * 1024

/** Fills every stream that it may open with all that credit allows, and never waits for the rest. */
async function fill(session: Session, streams = STREAMS): Promise<void> {
  for (let opened = 0; opened < streams; opened++) {
    const stream = await session.openSendStream()
    stream.write(pattern(20_000)).catch(() => {})
  }
}

const STREAMS = 25

/** What a program let go of is counted until the collector has seen it. */
async function heldAfterCollection(node: STTNode): Promise<number> {
  await measureMemory()
  return node.getStatistics().memoryHeld
}

describe.each(['ws://127.0.0.1:0', 'udp://127.0.0.1:0'])('over %s', address => {
  test('a holder of the seed that fills the sessions of a node gets no more, and the node serves the others', async () => {
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
    while (refused === undefined && taken.length < 14) {
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
    expect(memoryHeld).toBeLessThan(4.5 * MIB)
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
    await Promise.all(taken.splice(0).map(session => session.close({ deadline: 0 })))
    await expect.poll(() => heldAfterCollection(server)).toBeLessThan(MIB)
    const late = await honest.connect(server.addresses)
    expect(late.state).toBe('active')
  })
})

test('sessions that were all let in before they filled do not take a node past an eighth above its limit', async () => {
  const seed = Seed.generate()
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const server = await createNode({ seed, listen: ['ws://127.0.0.1:0'], limits: { memory: 2 * MIB } })
  server.onSession(() => {})
  const holder = await createNode({ seed })
  const honest = await (await createNode({ seed })).connect(server.addresses)
  const sessions = await Promise.all(Array.from({ length: 6 }, () => holder.connect(server.addresses)))
  await Promise.allSettled(
    sessions.map(async session => {
      await fill(session, 100)
      await session.ping()
    }),
  )
  const { memoryHeld, limited } = server.getStatistics()
  expect(memoryHeld).toBeLessThanOrEqual((2 * MIB * 9) / 8)
  expect(limited.memory).toBeGreaterThan(0)
  const ended = await Promise.race(sessions.map(session => session.closed))
  expect(ended).toMatchObject({ by: 'peer', app: true, code: 3, reason: 'the node is short of memory' })
  expect(warn).toHaveBeenCalledWith(expect.objectContaining({ code: 'STT_LIMIT' }))
  expect(await honest.ping()).toBeGreaterThanOrEqual(0)
  warn.mockRestore()
})

test('unread datagrams are bounded in bytes too: the oldest make room, and are counted', async () => {
  const seed = Seed.generate()
  const server = await createNode({ seed, listen: ['ws://127.0.0.1:0'] })
  const client = await createNode({ seed })
  const accepting = first(server.sessions())
  const session = await client.connect(server.addresses)
  const accepted = await accepting
  const send = (count: number): Promise<unknown> =>
    Promise.all(Array.from({ length: count }, () => session.sendDatagram(pattern(60_000))))
  for (let i = 0; i < 5; i++) await send(4)
  expect(accepted.getStatistics().datagramsExpired).toBe(12)
  const received = accepted.datagrams()[Symbol.asyncIterator]()
  for (let i = 0; i < 8; i++) expect((await received.next()).value?.length).toBe(60_000)
  // What was taken makes room again.
  for (let i = 0; i < 2; i++) await send(4)
  expect(accepted.getStatistics().datagramsExpired).toBe(12)
})

test('a peer that sends, leaves and comes again does not fill a program that reads slowly', async () => {
  const seed = Seed.generate()
  const server = await createNode({ seed, listen: ['ws://127.0.0.1:0'], limits: { memory: MIB } })
  const slow: Stream[] = []
  server.onSession(session => void session.onStream(stream => void slow.push(stream)))
  const holder = await createNode({ seed })
  const sendAndLeave = async (): Promise<void> => {
    const session = await holder.connect(server.addresses)
    for (let i = 0; i < 7; i++) {
      const stream = await session.openSendStream()
      await stream.write(pattern(15_000))
      await stream.end()
      await stream.delivered
    }
    await session.close()
  }
  const until = async (refused: unknown): Promise<unknown> => refused ?? until(await rejection(sendAndLeave()))
  expect(await until(undefined)).toMatchObject({ code: 'STT_BUSY' })
  expect(slow.length).toBeGreaterThanOrEqual(63)
  expect(server.getStatistics().memoryHeld).toBeLessThan(1.125 * MIB)
  expect(server.getStatistics().limited.memory).toBe(1)

  // What was acknowledged is whole, whenever it is read; and reading it makes room.
  for (const stream of slow.splice(0)) expect(await stream.readAll({ maxBytes: 15_000 })).toEqual(pattern(15_000))
  expect(server.getStatistics().memoryHeld).toBeLessThan(MIB / 4)
  await sendAndLeave()
  // So does letting go of it.
  slow.length = 0
  await expect.poll(() => heldAfterCollection(server)).toBeLessThan(MIB / 4)
})
