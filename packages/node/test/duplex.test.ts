import { once } from 'node:events'
import { type Duplex, PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { expect, test } from 'vitest'
import type { NodeStreamCore } from '../src/stream/node-stream-core.ts'
import { first, pattern, rejection } from './nodes.ts'
import { SessionPair, settled } from './session-pair.ts'

/** A stream that its opener wrote one byte into, and its other end. */
async function streams(): Promise<{ pair: SessionPair; stream: NodeStreamCore; other: NodeStreamCore }> {
  const pair = new SessionPair()
  const stream = await pair.dialed.session.openStream()
  await stream.write(Uint8Array.of(1))
  return { pair, stream, other: await pair.run(first(pair.accepted.session.streams())) }
}

const LARGE = 300_000

test('bytes go both ways as through a socket, except those that were read before', async () => {
  const { pair, stream, other } = await streams()
  expect([...(await pair.run(other.readExactly(1)))]).toEqual([1])
  const [near, far] = [stream.toDuplex(), other.toDuplex()]
  const echoing = pipeline(far, far)
  near.end(pattern(LARGE))
  const chunks: Buffer[] = []
  await pair.run(
    (async () => {
      for await (const chunk of near) chunks.push(chunk)
    })(),
  )
  await pair.run(echoing)
  expect(chunks.every(chunk => Buffer.isBuffer(chunk))).toBe(true)
  expect(Buffer.compare(Buffer.concat(chunks), pattern(LARGE))).toBe(0)
  await pair.run(stream.delivered)
  expect([near.closed, far.closed]).toEqual([true, true])
  expect([near.errored, far.errored]).toEqual([null, null])
})

test('the end of one side is not the end of the other', async () => {
  const { pair, stream, other } = await streams()
  const [near, far] = [stream.toDuplex(), other.toDuplex()]
  near.end()
  await pair.run(once(far.resume(), 'end'))
  expect([far.writable, near.readable]).toEqual([true, true])
  far.end(Buffer.from('later'))
  const [answer] = (await pair.run(once(near, 'data'))) as [Buffer]
  expect(answer.toString()).toBe('later')
  await pair.run(once(near, 'close'))
  expect(near.errored).toBe(null)
})

test('a side that does not read holds the writer back, and the writer hears when to go on', async () => {
  const { pair, stream, other } = await streams()
  const [near, far] = [stream.toDuplex({ highWaterMark: 1_000 }), other.toDuplex({ highWaterMark: 1_000 })]
  expect([near.readableHighWaterMark, near.writableHighWaterMark]).toEqual([1_000, 1_000])
  far.read(0)
  expect(near.write(pattern(LARGE))).toBe(false)
  let drained = false
  near.once('drain', () => {
    drained = true
  })
  await pair.pass(10_000)
  expect(drained).toBe(false)
  // The window, and what waits on this side, is all that came.
  expect(other.getStatistics().bytesRead).toBeLessThan(LARGE / 4)
  far.resume()
  await pair.run(once(near, 'drain'))
  expect(near.writableLength).toBe(0)
})

test.each([
  ['the peer resets it', (other: NodeStreamCore) => other.reset(7), 'STT_STREAM_RESET'],
  ['the peer stops it', (other: NodeStreamCore) => other.stop(7), 'STT_STREAM_STOPPED'],
  ['it is reset here', (_other: NodeStreamCore, stream: NodeStreamCore) => stream.reset(7), 'STT_STREAM_RESET'],
])('an idle Duplex that nobody reads fails when %s', async (_what, act, code) => {
  const { pair, stream, other } = await streams()
  const near = stream.toDuplex()
  const failed = once(near, 'error')
  act(other, stream)
  expect(await pair.run(failed)).toMatchObject([{ code, details: { code: 7 } }])
  expect(near.destroyed).toBe(true)
})

test('both ends fail when the session ends, also while a write waits', async () => {
  const { pair, stream, other } = await streams()
  const [near, far] = [stream.toDuplex(), other.toDuplex()]
  const written = new Promise(resolve => near.write(pattern(LARGE), resolve))
  const failed = Promise.all([once(near, 'error'), once(far, 'error')])
  void pair.accepted.session.close({ code: 3, deadline: 0 })
  expect(await pair.run(failed)).toMatchObject([[{ code: 'STT_CLOSED' }], [{ code: 'STT_CLOSED' }]])
  expect(await pair.run(written)).toMatchObject({ code: 'STT_CLOSED' })
})

/** Resolves with the events of `near` when it is closed. Nothing listens for an error. */
function eventsOf(near: Duplex): Promise<string[]> {
  const events: string[] = []
  return new Promise(resolve => {
    for (const name of ['end', 'finish', 'close']) near.on(name, () => events.push(name))
    near.on('close', () => resolve(events))
  })
}

test.each([
  ['reset by its peer', (_pair: SessionPair, other: NodeStreamCore) => other.reset(7), ['finish', 'close']],
  ['closed', (pair: SessionPair) => pair.accepted.session.close(), ['finish', 'close']],
])(
  'a Duplex that was written to its end and is not read ends no program when it is %s',
  async (_what, act, expected) => {
    const { pair, stream, other } = await streams()
    const near = stream.toDuplex()
    const events = eventsOf(near)
    await pipeline([Buffer.from('all of it')], near)
    await pair.run(other.readExactly(10))
    void act(pair, other)
    expect(await pair.run(events)).toEqual(expected)
    expect(near.errored).toBe(null)
  },
)

test.each([
  ['the close of the session here', (pair: SessionPair) => pair.dialed.session.close({ deadline: 0 })],
  ['the close of the session by the peer', (pair: SessionPair) => pair.accepted.session.close({ deadline: 0 })],
  ['a reset from here', (_pair: SessionPair, stream: NodeStreamCore) => stream.reset(7)],
  ['reading that is stopped from here', (_pair: SessionPair, stream: NodeStreamCore) => stream.stop(7)],
])('%s ends no program that reads without listening for errors, and does not look like the end', async (_what, act) => {
  const { pair, stream } = await streams()
  const near = stream.toDuplex()
  const events = eventsOf(near.resume())
  await pair.pass(100)
  void act(pair, stream)
  expect(await pair.run(events)).toEqual(['close'])
})

test('a handler that fails behind its stream as a Duplex gives up that stream alone, and nothing of it looks whole', async () => {
  const { pair, stream, other } = await streams()
  const copied = rejection(pipeline(other.toDuplex(), new PassThrough().resume()))
  const second = await pair.dialed.session.openStream()
  pair.accepted.session.onStream(taken => {
    taken.toDuplex()
    throw new TypeError('a bug of the program')
  })
  expect(await pair.run(rejection(second.readExactly(1)))).toMatchObject({ code: 'STT_STREAM_RESET' })
  expect(pair.warnings).toMatchObject([{ cause: { message: 'a bug of the program' } }])
  other.stop(1)
  expect(await pair.run(copied)).toMatchObject({ code: 'STT_TRUNCATED' })
  expect(await pair.run(rejection(stream.delivered))).toMatchObject({ code: 'STT_STREAM_STOPPED' })
})

test('a side that has stopped reading can still write', async () => {
  const { pair, stream, other } = await streams()
  const near = stream.toDuplex()
  stream.stop(7)
  await pipeline([Buffer.from('later')], near)
  expect(Buffer.from(await pair.run(other.readAll({ maxBytes: 10 }))).toString()).toBe('\u0001later')
})

test.each([
  ['an error', new Error('enough'), 1],
  ['none', undefined, 0],
])('destroying a Duplex with %s gives up both halves, and the peer is told', async (_what, error, code) => {
  const { pair, stream, other } = await streams()
  const near = stream.toDuplex()
  const closed = new Promise<void>(resolve => near.on('close', resolve).on('error', () => {}))
  near.destroy(error)
  await closed
  expect(near.errored).toBe(error ?? null)
  await pair.run(other.readExactly(1).catch(() => {}))
  expect(await pair.run(rejection(other.readExactly(1)))).toMatchObject({ code: 'STT_STREAM_RESET', details: { code } })
  expect(await pair.run(rejection(other.delivered))).toMatchObject({ code: 'STT_STREAM_STOPPED', details: { code } })
})

test('the end of this side, before the peer stopped, does not cost what the peer still sends', async () => {
  const { pair, stream, other } = await streams()
  const near = stream.toDuplex()
  near.end()
  await once(near, 'finish')
  other.stop(7)
  await pair.pass(100)
  await other.write(pattern(100))
  await other.end()
  let length = 0
  near.on('data', (chunk: Buffer) => {
    length += chunk.length
  })
  await pair.run(once(near, 'close'))
  expect([length, near.errored]).toEqual([100, null])
})

test('a one-way stream has one half', async () => {
  const pair = new SessionPair()
  const stream = await pair.dialed.session.openSendStream()
  const near = stream.toDuplex()
  near.write(pattern(100))
  const far = (await pair.run(first(pair.accepted.session.streams()))).toDuplex()
  expect([near.readable, near.writable, far.readable, far.writable]).toEqual([false, true, true, false])
  const closed = Promise.all([once(near, 'close'), once(far, 'close')])
  near.end()
  far.resume()
  await pair.run(closed)
  await pair.run(stream.delivered)
})

test('a stream has one Duplex, and no other reader beside it', async () => {
  const { stream, other } = await streams()
  expect(stream.toDuplex()).toBe(stream.toDuplex({ highWaterMark: 1 }))
  expect(() => stream[Symbol.asyncIterator]()).toThrow(/read it in one place/)
  const reading = rejection(other.readExactly(1_000))
  await settled()
  expect(() => other.toDuplex()).toThrow(/read it in one place/)
  expect(() => other.toDuplex({ highWatermark: 1 } as never)).toThrow(/highWatermark/)
  expect(() => other.toDuplex({ highWaterMark: -1 })).toThrow(/highWaterMark/)
  other.stop()
  await reading
})
