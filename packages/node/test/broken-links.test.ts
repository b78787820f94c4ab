import type { Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { Seed, type Session, type STTNode } from '../src/index.ts'
import { createNode, first, pattern, rejection } from './nodes.ts'
import { dialThrough } from './tcp-forwarder.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

/** A session whose connection is in the test's hands. */
async function connectedThrough(): Promise<{
  dialed: Session
  accepted: Session
  server: STTNode
  ends: [Socket, Socket]
}> {
  const seed = Seed.generate()
  // Nobody waits for another connection: what is told of the one that broke is all that is left.
  const limits = { detachedTimeout: 0 }
  const server = await createNode({ seed, listen: ['ws://127.0.0.1:0'], limits })
  const forwarder = await dialThrough(server.addresses[0]!)
  closers.push(() => forwarder.close())
  const client = await createNode({ seed, limits })
  const accepting = first(server.sessions())
  const dialed = await client.connect(forwarder.address)
  return { dialed, accepted: await accepting, server, ends: forwarder.ends() }
}

// spec: STT-PKT-32
test.each([
  ['a RST', (socket: Socket) => socket.resetAndDestroy(), /ECONNRESET|EPIPE/],
  ['a FIN', (socket: Socket) => socket.end(), /ended the connection/],
] as const)(
  '%s ends the session at once at both ends, and every waiting call gets the reason',
  async (_name, end, why) => {
    const { dialed, accepted, server, ends } = await connectedThrough()
    const stream = await dialed.openStream()
    await stream.write(pattern(10))
    const reading = first(stream)
    for (const socket of ends) end(socket)
    const error = await rejection(reading)
    expect(error).toMatchObject({ code: 'STT_TRUNCATED', cause: { code: 'STT_LINK_FAILED' } })
    expect(await rejection(stream.write(pattern(10)))).toMatchObject({ code: 'STT_TRUNCATED' })
    for (const session of [dialed, accepted]) {
      expect(await session.closed).toMatchObject({ by: 'link', error: { code: 'STT_TRUNCATED' } })
      const { message, cause } = (await session.closed).error as Error & { cause: Error & { cause?: Error } }
      expect(`${message} ${cause.message} ${cause.cause?.message}`).toMatch(why)
      expect(session.state).toBe('closed')
    }
    expect(server.getStatistics().sessions).toBe(0)
  },
)

// spec: STT-WS-27
test('a session that was closed closes its link with 1000 at both ends', async () => {
  const { dialed, accepted, ends } = await connectedThrough()
  const heard: Buffer[][] = [[], []]
  ends.forEach((socket, i) => void socket.on('data', (chunk: Buffer) => heard[i]!.push(chunk)))
  const ended = Promise.all(ends.map(socket => new Promise(resolve => socket.once('end', resolve))))
  await dialed.close()
  expect(await accepted.closed).toMatchObject({ by: 'peer' })
  await ended
  const [fromClient, fromServer] = heard.map(chunks => Buffer.concat(chunks))
  // A Close frame of two bytes: the client's is masked.
  const close = fromClient!.subarray(-8)
  expect([close[0], close[1], close[6]! ^ close[2]!, close[7]! ^ close[3]!]).toEqual([0x88, 0x82, 0x03, 0xe8])
  expect(fromServer!.subarray(-4)).toEqual(Buffer.from([0x88, 2, 0x03, 0xe8]))
})

test('bytes that somebody adds to the connection end the session, and are named as the cause', async () => {
  const { dialed, accepted, ends } = await connectedThrough()
  // A binary message of one byte, as a server writes it.
  ends[0].write(Uint8Array.of(0x82, 1, 0x40))
  const { error } = await dialed.closed
  expect(error).toMatchObject({ code: 'STT_TRUNCATED', message: expect.stringContaining('no packet of the session') })
  expect(await accepted.closed).toMatchObject({ by: 'link' })
})
