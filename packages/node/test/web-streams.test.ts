import { PassThrough, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, expect, test } from 'vitest'
import type { Stream } from '../src/api/stream.ts'
import { first, pattern, rejection } from './nodes.ts'
import { SessionPair, settled } from './session-pair.ts'

/** A stream, and its other end, which nobody reads yet. */
async function streams(): Promise<{ pair: SessionPair; stream: Stream; other: Stream }> {
  const pair = new SessionPair()
  const stream = await pair.dialed.session.openStream()
  await stream.write(Uint8Array.of(1))
  return { pair, stream, other: await pair.run(first(pair.accepted.session.streams())) }
}

const TOO_MUCH = 100_000

test('aborting a writer ends a write that waits for credit, and resets the stream', async () => {
  const { pair, stream, other } = await streams()
  const writer = stream.writable.getWriter()
  const writing = rejection(writer.write(new Uint8Array(TOO_MUCH)))
  const closed = rejection(writer.closed)
  await pair.pass(50)
  await writer.abort(new Error('enough'))
  expect(await writing).toMatchObject({ code: 'STT_STREAM_RESET' })
  expect(await closed).toBeInstanceOf(Error)
  expect(await rejection(pair.run(first(other).then(() => other.readExactly(TOO_MUCH))))).toBeInstanceOf(Error)
})

test('a chunk that is no bytes fails the pipe, and the peer does not wait for the rest', async () => {
  const { pair, stream, other } = await streams()
  await pair.run(other.readExactly(1))
  const reading = rejection(other.readAll({ maxBytes: 10 }))
  const text = new ReadableStream({ start: sink => sink.enqueue('no bytes') })
  expect(await rejection(text.pipeTo(stream.writable))).toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
  expect(await pair.run(reading)).toMatchObject({ code: 'STT_STREAM_RESET' })
})

test('a pipe whose signal aborts, and a Node stream that is destroyed, end behind a blocked write', async () => {
  const { pair, stream } = await streams()
  const controller = new AbortController()
  let cancelled = false
  const source = new ReadableStream<Uint8Array>({
    pull: sink => sink.enqueue(new Uint8Array(10_000)),
    cancel: () => {
      cancelled = true
    },
  })
  const piping = rejection(source.pipeTo(stream.writable, controller))
  await pair.pass(100)
  controller.abort(new Error('enough'))
  expect(await pair.run(piping)).toMatchObject({ message: 'enough' })
  expect(cancelled).toBe(true)
  expect(await rejection(stream.delivered)).toMatchObject({ code: 'STT_STREAM_RESET' })

  const second = await pair.dialed.session.openStream()
  const writable = Writable.fromWeb(second.writable as never)
  const failed = new Promise(resolve => writable.on('error', resolve))
  writable.write(new Uint8Array(TOO_MUCH))
  await pair.pass(100)
  writable.destroy(new Error('enough'))
  expect(await failed).toMatchObject({ message: 'enough' })
  expect(await rejection(second.delivered)).toMatchObject({ code: 'STT_STREAM_RESET' })
})

test('a pipe that stands still for an hour keeps a few chunks, and then passes all of them', async () => {
  const { pair, stream, other } = await streams()
  let given = 0
  const source = new ReadableStream<Uint8Array>({
    pull(sink) {
      given++
      if (given <= 40) sink.enqueue(new Uint8Array(10_000))
      else sink.close()
    },
  })
  const piping = source.pipeTo(stream.writable)
  await pair.pass(3_600_000 / 2)
  expect(given).toBeLessThan(25)
  const received = other.readAll({ maxBytes: 1_000_000 })
  await pair.run(piping)
  expect((await pair.run(received)).length).toBe(400_001)
})

test.each([
  ['the peer stops', (other: Stream) => other.stop(4), 'STT_STREAM_STOPPED'],
  ['the session ends', (_other: Stream, pair: SessionPair) => pair.accepted.session.close(), 'STT_CLOSED'],
  [
    'the stream is reset here',
    (_other: Stream, _pair: SessionPair, stream: Stream) => stream.reset(),
    'STT_STREAM_RESET',
  ],
])('an idle writer, and an idle pipe, learn that %s', async (_what, act, code) => {
  const { pair, stream, other } = await streams()
  let cancelled: unknown
  const source = new ReadableStream<Uint8Array>({
    cancel: reason => {
      cancelled = reason
    },
  })
  const piping = rejection(source.pipeTo(stream.writable))
  await pair.pass(100)
  void act(other, pair, stream)
  expect(await pair.run(piping)).toMatchObject({ code })
  expect(cancelled).toMatchObject({ code })
})

test('a reader, and a pipe that waits for its destination, learn of the end while nobody pulls', async () => {
  const { pair, stream, other } = await streams()
  await pair.run(other.readExactly(1))
  const reader = other.readable.getReader()
  const closed = rejection(reader.closed)
  await pair.pass(100)
  stream.reset(6)
  expect(await pair.run(closed)).toMatchObject({ code: 'STT_STREAM_RESET', details: { code: 6 } })

  const whole = await streams()
  await whole.pair.run(whole.other.readExactly(1))
  const idle = whole.other.readable.getReader()
  await whole.stream.end()
  await whole.pair.run(idle.closed)
})

test('chunks that arrived before the session ended can still be pulled', async () => {
  const { pair, stream, other } = await streams()
  const reader = other.readable.getReader()
  await stream.write(pattern(1_000))
  await pair.run(pair.dialed.session.close())
  let length = 0
  const reading = (async () => {
    for (;;) length += (await reader.read()).value!.length
  })()
  expect(await rejection(reading)).toMatchObject({ code: 'STT_CLOSED' })
  expect(length).toBe(1_001)
})

test('cancelling stops the peer, also while a read waits', async () => {
  const { pair, stream, other } = await streams()
  await pair.run(other.readExactly(1))
  const reader = other.readable.getReader()
  const reading = reader.read()
  await settled()
  await reader.cancel()
  expect(await reading).toMatchObject({ done: true })
  expect(await pair.run(rejection(stream.delivered))).toMatchObject({ code: 'STT_STREAM_STOPPED' })
})

test('a stream that this side stopped reading does not look whole', async () => {
  for (const isPulling of [true, false]) {
    const { pair, other } = await streams()
    const reader = other.readable.getReader()
    expect(await pair.run(reader.read())).toMatchObject({ done: false })
    const reading = isPulling ? rejection(reader.read()) : undefined
    await settled()
    other.stop(5)
    expect(await pair.run(rejection(reader.closed))).toMatchObject({ code: 'STT_TRUNCATED' })
    if (reading) expect(await reading).toMatchObject({ code: 'STT_TRUNCATED' })
  }
})

test('a reader may bring its own memory, and gets it back at the end', async () => {
  const { pair, stream, other } = await streams()
  await stream.write(pattern(1_000))
  await stream.end()
  const reader = other.readable.getReader({ mode: 'byob' })
  const bytes: number[] = []
  let memory = new Uint8Array(300)
  for (;;) {
    const { done, value } = await pair.run(reader.read(memory))
    if (done) {
      expect(value?.byteLength).toBe(0)
      break
    }
    bytes.push(...value)
    memory = new Uint8Array(value.buffer)
  }
  expect(bytes).toEqual([1, ...pattern(1_000)])
})

test('bytes that are read through a Web Stream have memory of their own, also when other streams came in the same packet', async () => {
  const pair = new SessionPair()
  const { session } = pair.dialed
  const [one, two] = [await session.openSendStream(), await session.openSendStream()]
  const bytes = [pattern(12_000), pattern(11_000)]
  void one.write(bytes[0]!).then(() => one.end())
  void two.write(bytes[1]!).then(() => two.end())
  const streams: Stream[] = []
  pair.accepted.session.onStream(stream => streams.push(stream))
  await pair.pass(100)
  const reader = streams[0]!.readable.getReader()
  const first = await pair.run(reader.read())
  expect(Buffer.compare(first.value!, bytes[0]!.subarray(0, first.value!.length))).toBe(0)
  // Whoever gets it may give it away.
  structuredClone(first.value!.buffer, { transfer: [first.value!.buffer as ArrayBuffer] })
  expect(Buffer.compare(await pair.run(streams[1]!.readAll({ maxBytes: 20_000 })), bytes[1]!)).toBe(0)
})

/** A one-way stream that its opener wrote one byte into, and its other end. */
async function oneWay(): Promise<{ pair: SessionPair; stream: Stream; other: Stream }> {
  const pair = new SessionPair()
  const stream = await pair.dialed.session.openSendStream()
  await stream.write(Uint8Array.of(1))
  return { pair, stream, other: await pair.run(first(pair.accepted.session.streams())) }
}

test('a missing half fails the caller that uses it, and not the one that looks', async () => {
  const { stream, other } = await oneWay()
  const error = { code: 'STT_INVALID_STATE', message: expect.stringContaining('one-way') }
  expect([stream.readable, other.writable]).toEqual([stream.readable, other.writable])
  expect(await rejection(stream.readable.getReader().read())).toMatchObject(error)
  expect(await rejection(other.writable.getWriter().write(Uint8Array.of(1)))).toMatchObject(error)
  expect(await rejection(other.delivered)).toMatchObject(error)
})

test('pipeline takes a one-way stream at either end', async () => {
  const { pair, stream, other } = await oneWay()
  const chunks: Buffer[] = []
  const sink = new PassThrough().on('data', chunk => chunks.push(chunk))
  const sent = pipeline([pattern(1_000)], stream as unknown as Writable)
  const received = pipeline(other, sink)
  await pair.run(Promise.all([sent, received]))
  expect(Buffer.compare(Buffer.concat(chunks), Buffer.concat([Uint8Array.of(1), pattern(1_000)]))).toBe(0)
  await pair.run(stream.delivered)
})

test('a value that is no bytes breaks only its writer', async () => {
  const { stream } = await oneWay()
  const writer = stream.writable.getWriter()
  writer.closed.catch(() => {})
  expect(await rejection(writer.write('text' as never))).toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
})

describe('both directions of a pair of Web Streams, and what the peer sees of it', () => {
  test('a cancelled reader is the peer’s STOP: its writer errs, and the other half goes on', async () => {
    const { pair, stream, other } = await streams()
    await pair.run(other.readExactly(1))
    const writer = stream.writable.getWriter()
    const closed = rejection(writer.closed)
    await other.readable.cancel(new Error('enough'))
    expect(await pair.run(closed)).toMatchObject({ code: 'STT_STREAM_STOPPED' })
    await other.write(Uint8Array.of(2))
    expect((await pair.run(stream.readable.getReader().read())).value).toEqual(Uint8Array.of(2))
  })

  test('an aborted writer is the peer’s RESET: its reader errs, and the other half goes on', async () => {
    const { pair, stream, other } = await streams()
    await pair.run(other.readExactly(1))
    const reader = other.readable.getReader()
    const closed = rejection(reader.closed)
    await stream.writable.abort(new Error('enough'))
    expect(await pair.run(closed)).toMatchObject({ code: 'STT_STREAM_RESET' })
    await other.write(Uint8Array.of(2))
    expect((await pair.run(stream.readable.getReader().read())).value).toEqual(Uint8Array.of(2))
  })

  test.each(['dialed', 'accepted'] as const)('all four ends err when the %s side ends the session', async side => {
    const { pair, stream, other } = await streams()
    await pair.run(other.readExactly(1))
    const ends = [stream, other].flatMap(each => [each.readable.getReader(), each.writable.getWriter()])
    const failures = Promise.all(ends.map(end => rejection(end.closed)))
    void pair[side].session.close({ deadline: 0 })
    expect(await pair.run(failures)).toMatchObject(ends.map(() => ({ code: 'STT_CLOSED' })))
  })
})
