import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Seed, type Session } from '../src/index.ts'
import { createNode } from './nodes.ts'

type Warning = Error & { readonly detail?: string }
let warnings: Warning[] = []
const note = (warning: Warning): void => void warnings.push(warning)

let printers: NodeJS.WarningListener[] = []

/** What is meant to be told is not printed: in the output of tests it looks like a fault. */
beforeEach(() => {
  warnings = []
  printers = process.listeners('warning')
  process.removeAllListeners('warning')
  process.on('warning', note)
})
afterEach(() => {
  process.off('warning', note)
  for (const printer of printers) process.on('warning', printer)
})

/** A client's session with a server whose handler is `handler`. */
async function served(handler: (session: Session) => unknown): Promise<Session> {
  const seed = Seed.generate()
  const server = await createNode({ seed, listen: ['ws://127.0.0.1:0'] })
  server.onSession(handler)
  const client = await createNode({ seed })
  return client.connect(server.addresses)
}

/** Warnings come in a later turn. */
const told = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

async function bugOfTheProgram(): Promise<never> {
  throw new TypeError('a bug of the program', { cause: new RangeError('the cause beneath it') })
}

test('a bug in onSession, onStream or authorize is told with its message, its stack and its cause', async () => {
  const unlucky = await served(bugOfTheProgram)
  expect(await unlucky.closed).toMatchObject({ by: 'peer', code: 1 })
  const session = await served(other => other.onStream(bugOfTheProgram))
  const stream = await session.openStream()
  await stream.write(Uint8Array.of(1))
  await expect(stream.readExactly(1)).rejects.toMatchObject({ code: 'STT_STREAM_RESET' })
  const seed = Seed.generate()
  const server = await createNode({ seed, listen: ['ws://127.0.0.1:0'], authorize: bugOfTheProgram })
  const client = await createNode({ seed })
  await expect(client.connect(server.addresses)).rejects.toMatchObject({ code: 'STT_PEER_REFUSED' })
  await told()
  expect(warnings).toHaveLength(3)
  for (const { detail } of warnings) {
    expect(detail).toContain('a bug of the program')
    expect(detail).toContain('at bugOfTheProgram')
    expect(detail).toContain('the cause beneath it')
  }
})

test.each([
  ['throws', () => { throw new TypeError('a bug of the program') }, 'a bug of the program'], // biome-ignore format: one line
  ['gives a promise', bugOfTheProgram, 'not a Promise'],
])('a clientAddress that %s is told as a bug of the program', async (_what, clientAddress, why) => {
  const seed = Seed.generate()
  const server = await createNode({ seed, listen: ['ws://127.0.0.1:0'], ws: { clientAddress: clientAddress as never } })
  const client = await createNode({ seed })
  await expect(client.connect(server.addresses)).rejects.toMatchObject({ details: { status: 500 } })
  await told()
  expect(warnings).toMatchObject([
    { message: expect.stringContaining('clientAddress'), detail: expect.stringContaining(why) },
  ])
  expect(server.getStatistics().faults).toBe(0)
})

test('a peer that leaves is no bug of the handler that waited for it', async () => {
  let ended: Promise<unknown> | undefined
  const session = await served(async accepted => {
    ended = accepted.closed
    for await (const stream of accepted.streams()) for await (const _ of stream);
  })
  const stream = await session.openStream()
  await stream.write(Uint8Array.of(1))
  await session.ping()
  await session.close()
  await ended
  await told()
  expect(warnings).toEqual([])
})

test('the failure of one stream that ends a session says what to do, and a thrown value that is no error is shown', async () => {
  const session = await served(async accepted => {
    for await (const stream of accepted.streams()) for await (const _ of stream);
  })
  const stream = await session.openStream()
  await stream.write(Uint8Array.of(1))
  await session.ping()
  stream.reset(3)
  await session.closed
  const other = await served(() => Promise.reject('no error'))
  await other.closed
  await told()
  expect(warnings.map(({ message }) => message)).toEqual([
    expect.stringContaining('session.onStream'),
    expect.stringContaining('handler failed'),
  ])
  expect(warnings[1]!.detail).toBe("'no error'")
})

test('calls that wait with one signal share one listener, and none is left when they have settled', async () => {
  const session = await served(() => {})
  const controller = new AbortController()
  const { signal } = controller
  const stream = await session.openStream()
  const waits = [
    ...Array.from({ length: 1_100 }, () => session.openStream({ signal })),
    ...Array.from({ length: 20 }, () => stream.write(new Uint8Array(1 << 20), { signal })),
    ...Array.from({ length: 20 }, () => session.close({ signal, deadline: 60_000 })),
  ]
  expect(getEventListeners(signal, 'abort')).toHaveLength(1)
  controller.abort()
  await Promise.allSettled(waits)
  expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  await told()
  expect(warnings).toEqual([])
})
