import { isSttError } from '@stt/errors'
import { expect, test, vi } from 'vitest'
import type { Session } from '../src/api/session.ts'
import type { Stream } from '../src/api/stream.ts'
import { collect, first, pattern, rejection } from './nodes.ts'
import { SessionPair, settled } from './session-pair.ts'

/** A stream that `write` has written into, as its other end has it. */
async function incoming(write: (stream: Stream) => Promise<unknown>): Promise<{ pair: SessionPair; stream: Stream }> {
  const pair = new SessionPair()
  const opened = await pair.dialed.session.openStream()
  void write(opened).catch(() => {})
  return { pair, stream: await pair.run(first(pair.accepted.session.streams())) }
}

test('a message above the window arrives although its reader begins late and nothing else moves', async () => {
  const { pair, stream } = await incoming(async opened => {
    await opened.writeMessage(pattern(60_000))
    await opened.end()
  })
  await pair.pass(60_000)
  expect((await pair.run(collect(stream.messages()))).length).toBe(60_000)
})

test('empty streams and reset ones give their places back once they are read', async () => {
  const pair = new SessionPair()
  pair.accepted.session.onStream(stream => collect(stream).catch(() => {}))
  for (let i = 0; i < 10; i++) {
    const stream = await pair.run(pair.dialed.session.openSendStream())
    if (i % 2 === 0) await stream.end()
    else stream.reset(1)
  }
  const stream = await pair.run(pair.dialed.session.openSendStream())
  expect(stream.unidirectional).toBe(true)
})

test('each call takes exactly its bytes: a header, then messages, then the rest', async () => {
  const { pair, stream } = await incoming(async opened => {
    await opened.write(pattern(10))
    await opened.writeMessage(Uint8Array.of(7, 8))
    await opened.write(pattern(40_000))
    await opened.end()
  })
  expect([...(await pair.run(stream.readExactly(4)))]).toEqual([...pattern(10).subarray(0, 4)])
  expect([...(await pair.run(stream.readExactly(6)))]).toEqual([...pattern(10).subarray(4)])
  expect(await stream.readExactly(0)).toHaveLength(0)
  expect([...(await pair.run(stream.readExactly(3)))]).toEqual([2, 7, 8])
  const rest = await pair.run(stream.readAll({ maxBytes: 40_000 }))
  expect(Buffer.compare(rest, pattern(40_000))).toBe(0)
  expect(await stream.readAll({ maxBytes: 0 })).toHaveLength(0)
  expect(await collect(stream)).toHaveLength(0)
})

test('a header can be followed by messages to the end, or by a message and then bytes', async () => {
  const write = async (opened: Stream): Promise<void> => {
    await opened.write(pattern(4))
    await opened.writeMessage(pattern(70_000).subarray(0, 60_000))
    await opened.writeMessage(Uint8Array.of(7, 8))
    await opened.end()
  }
  const whole = await incoming(write)
  expect(await whole.pair.run(whole.stream.readExactly(4))).toEqual(pattern(4))
  const lengths: number[] = []
  await whole.pair.run(
    (async () => {
      for await (const message of whole.stream.messages()) lengths.push(message.length)
    })(),
  )
  expect(lengths).toEqual([60_000, 2])

  const mixed = await incoming(write)
  await mixed.pair.run(mixed.stream.readExactly(4))
  const messages = mixed.stream.messages()[Symbol.asyncIterator]()
  expect((await mixed.pair.run(messages.next())).value).toHaveLength(60_000)
  // Whoever waits for a message has the stream; once its loop is over, another call goes on.
  expect((await mixed.pair.run(messages.next())).value).toEqual(Uint8Array.of(7, 8))
  expect(await mixed.pair.run(messages.next())).toEqual({ done: true, value: undefined })
  expect(await mixed.stream.readAll({ maxBytes: 0 })).toHaveLength(0)
})

test('left-over bytes that are no message are told as cut', async () => {
  const { pair, stream } = await incoming(async opened => {
    await opened.write(pattern(4))
    await opened.writeMessage(Uint8Array.of(9))
    await opened.write(Uint8Array.of(5, 1, 2))
    await opened.end()
  })
  await pair.run(stream.readExactly(4))
  const messages: Uint8Array[] = []
  const reading = (async () => {
    for await (const message of stream.messages()) messages.push(message)
  })()
  expect(await rejection(pair.run(reading))).toMatchObject({ code: 'STT_TRUNCATED' })
  expect(messages).toEqual([Uint8Array.of(9)])
})

test('a read of more bytes than the first block of memory is exact', async () => {
  const { pair, stream } = await incoming(opened => opened.write(pattern(200_000)))
  const bytes = await pair.run(stream.readExactly(199_999))
  expect(Buffer.compare(bytes, pattern(200_000).subarray(0, 199_999))).toBe(0)
})

test('a stream that ends too early is told with what there was, and never looks whole', async () => {
  const cut = await incoming(async opened => {
    await opened.write(pattern(3))
    await opened.end()
  })
  expect(await rejection(cut.pair.run(cut.stream.readExactly(4)))).toMatchObject({
    code: 'STT_TRUNCATED',
    details: { read: 3, wanted: 4 },
  })
  const reset = await incoming(async opened => opened.write(pattern(3)).then(() => opened.reset(5)))
  expect(await rejection(reset.pair.run(reset.stream.readAll({ maxBytes: 10 })))).toMatchObject({
    code: 'STT_STREAM_RESET',
  })
  const stopped = await incoming(opened => opened.write(pattern(3)))
  const reading = rejection(stopped.stream.readAll({ maxBytes: 10 }))
  await settled()
  stopped.stream.stop()
  expect(await reading).toMatchObject({ code: 'STT_TRUNCATED' })
})

test('a stream above maxBytes is given up, and the writer is told', async () => {
  const { pair, stream } = await incoming(opened => opened.write(pattern(11)))
  expect(await rejection(pair.run(stream.readAll({ maxBytes: 10 })))).toMatchObject({ code: 'STT_LIMIT' })
  for (const wrong of [{}, undefined, { maxBytes: -1 }, { maxBytes: 1, max: 2 }])
    expect(await rejection(stream.readAll(wrong as never))).toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
  expect(await rejection(stream.readExactly(-1))).toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
})

test('an aborted read gives up the stream, and leaves no call waiting', async () => {
  const { pair, stream } = await incoming(opened => opened.write(pattern(3)))
  const controller = new AbortController()
  const reading = rejection(stream.readExactly(10, controller))
  await settled()
  expect(() => stream[Symbol.asyncIterator]()).toThrow(/read it in one place/)
  controller.abort()
  expect(await reading).toMatchObject({ code: 'STT_ABORTED' })
  expect(await pair.run(collect(stream))).toHaveLength(0)
})

test('iterators are iterable, and give nothing more once they are left', async () => {
  const { pair, stream } = await incoming(async opened => {
    await opened.writeMessage(Uint8Array.of(1))
    await opened.writeMessage(Uint8Array.of(2))
    await opened.end()
  })
  const messages = stream.messages()[Symbol.asyncIterator]() as AsyncIterableIterator<Uint8Array>
  expect(await pair.run(messages.next())).toEqual({ done: false, value: Uint8Array.of(1) })
  const rest: Uint8Array[] = []
  await pair.run(
    (async () => {
      for await (const message of messages) rest.push(message)
    })(),
  )
  expect(rest).toEqual([Uint8Array.of(2)])
  expect(await messages.next()).toEqual({ done: true, value: undefined })
  const { session } = pair.accepted
  for (const iterable of [session.streams(), session.datagrams(), pair.dialed.session.streams(), stream]) {
    const iterator = iterable[Symbol.asyncIterator]() as AsyncIterableIterator<unknown>
    expect(iterator[Symbol.asyncIterator]()).toBe(iterator)
    await iterator.return?.()
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
  }
})

test('disposing a stream gives it up where it is not over', async () => {
  const unfinished = await incoming(opened => opened.write(pattern(3)))
  await unfinished.stream.write(pattern(1))
  await unfinished.stream[Symbol.asyncDispose]()
  expect(await rejection(unfinished.stream.write(pattern(1)))).toMatchObject({ code: 'STT_STREAM_RESET' })
  expect(await collect(unfinished.stream)).toHaveLength(0)

  let opened: Stream | undefined
  const ended = await incoming(async stream => {
    opened = stream
    await stream.write(pattern(3))
    await stream.end()
  })
  await ended.stream.end()
  expect(await ended.pair.run(collect(ended.stream))).toHaveLength(3)
  await ended.stream[Symbol.asyncDispose]()
  expect(await ended.pair.run(collect(opened!))).toHaveLength(0)
  await ended.pair.run(ended.stream.delivered)
})

test('the second of two handlers that read a stream is told why it cannot, and the first reads all of it', async () => {
  const pair = new SessionPair()
  const stream = await pair.dialed.session.openStream()
  await stream.write(Uint8Array.of(1))
  const readers = [1, 2].map(() => vi.fn(async (taken: Stream) => taken.readAll({ maxBytes: 10 })))
  for (const reader of readers) pair.accepted.session.onStream(reader)
  await pair.pass(100)
  await stream.write(Uint8Array.of(2))
  await stream.end()
  await pair.run(stream.delivered)
  const message = expect.stringContaining('every onStream handler gets every stream')
  expect(pair.warnings).toMatchObject([{ cause: { code: 'STT_INVALID_STATE', message } }])
  expect([...(await readers[0]!.mock.results[0]!.value)]).toEqual([1, 2])
})

test('a stream is given up when all its handlers have failed', async () => {
  const pair = new SessionPair()
  const bug = new TypeError('a bug of the application')
  for (const _ of [1, 2]) pair.accepted.session.onStream(() => Promise.reject(bug))
  const stream = await pair.dialed.session.openStream()
  await stream.write(Uint8Array.of(1))
  expect(await rejection(pair.run(collect(stream)))).toMatchObject({ code: 'STT_STREAM_RESET', details: { code: 1 } })
  const told = ['another one has its stream', 'was given up'].map(fate => ({
    cause: bug,
    message: expect.stringContaining(fate),
  }))
  expect(pair.warnings).toMatchObject(told)
})

test('onStream serves streams beside each other; one that fails is given up alone, and told with its cause', async () => {
  const pair = new SessionPair()
  const early = await pair.dialed.session.openStream()
  await early.write(Uint8Array.of(0))
  await pair.pass(100)
  const bug = new TypeError('a bug of the application')
  const served: number[] = []
  const remove = pair.accepted.session.onStream(async stream => {
    const number = (await stream.readExactly(1))[0]!
    if (number === 1) throw bug
    served.push(number)
    for await (const chunk of stream) await stream.write(chunk)
    await stream.end()
  })
  // The first one stays open; the second meets the bug; the third is reset while it is served.
  const broken = await pair.dialed.session.openStream()
  await broken.write(Uint8Array.of(1))
  expect(await rejection(pair.run(collect(broken)))).toMatchObject({ code: 'STT_STREAM_RESET', details: { code: 1 } })
  expect(pair.warnings).toMatchObject([{ code: 'STT_CLOSED', cause: bug }])

  const left = await pair.dialed.session.openStream()
  await left.write(Uint8Array.of(2))
  await pair.pass(100)
  left.reset(9)
  await pair.pass(100)
  expect(served).toEqual([0, 2])
  expect(pair.warnings).toHaveLength(1)
  expect(pair.accepted.session.state).toBe('active')
  await early.end()
  await pair.run(collect(early))

  remove()
  const later = await pair.run(pair.dialed.session.openStream())
  await later.write(Uint8Array.of(3))
  expect((await pair.run(first(pair.accepted.session.streams()))).id).toBe(later.id)
  expect(() => pair.accepted.session.onStream(7 as never)).toThrow(/must be a function/)
})

test('bytes and streams that arrived before the end of a session can be read after it', async () => {
  const pair = new SessionPair()
  const { session } = pair.dialed
  const stream = await session.openSendStream()
  await stream.write(pattern(1_000))
  await stream.end()
  void session.sendDatagram(Uint8Array.of(1))
  await pair.run(session.close())
  await pair.run(pair.accepted.session.closed)
  expect(pair.accepted.hasUnread()).toBe(true)
  const late: Stream[] = []
  pair.accepted.session.onStream(taken => late.push(taken))
  await settled()
  expect(Buffer.compare(await collect(late[0]!), pattern(1_000))).toBe(0)
  expect([...(await first(pair.accepted.session.datagrams()))]).toEqual([1])
  expect(pair.accepted.hasUnread()).toBe(false)
  const error = await rejection(session.openStream())
  expect(isSttError(error, 'STT_CLOSED')).toBe(true)
})

test.each([
  ['a handler', (session: Session) => void session.onStream(() => {})],
  ['a loop', async (session: Session) => { for await (const _stream of session.streams()) ; }], // biome-ignore format: one line
])('streams that %s is given and leaves alone make room once their opener has given them up', async (_what, serve) => {
  // spec: STT-STR-5
  const pair = new SessionPair()
  const openAndGiveUp = async (): Promise<void> => {
    const stream = await pair.dialed.session.openStream()
    stream.reset(1)
    stream.stop(1)
  }
  for (let i = 0; i < 3; i++) await openAndGiveUp()
  let isOpen = false
  const fourth = openAndGiveUp().then(() => {
    isOpen = true
  })
  await pair.pass(1_000)
  // Nobody has taken the three.
  expect(isOpen).toBe(false)
  void serve(pair.accepted.session)
  await pair.run(fourth)
  for (let i = 0; i < 10; i++) await pair.run(openAndGiveUp())
})
