import { expect, test } from 'vitest'
import type { Session } from '../src/api/session.ts'
import type { Stream } from '../src/api/stream.ts'
import { collect, first, pattern, rejection } from './nodes.ts'
import { SessionPair, settled } from './session-pair.ts'

const WINDOW = 16_384

/** A stream whose writer has used up its credit, and its other end, which nobody reads. */
async function blocked(): Promise<{ pair: SessionPair; stream: Stream; incoming: Stream; accepted: Session }> {
  const pair = new SessionPair()
  const stream = await pair.dialed.session.openStream()
  await stream.write(new Uint8Array(WINDOW))
  const incoming = await pair.run(first(pair.accepted.session.streams()))
  return { pair, stream, incoming, accepted: pair.accepted.session }
}

const transfer = (bytes: Uint8Array): void => {
  structuredClone(bytes.buffer, { transfer: [bytes.buffer as ArrayBuffer] })
}

/** As the standard has them since 2024. */
type Resizable = ArrayBuffer & { resize(length: number): void }
const resizable = (length: number): Resizable =>
  new (ArrayBuffer as unknown as new (length: number, options: object) => Resizable)(length, { maxByteLength: 20 })

test('a waiting write whose memory is transferred away fails alone, and the writes behind it go on', async () => {
  const { pair, stream, incoming } = await blocked()
  const lost = Uint8Array.of(1, 2, 3)
  const writing = rejection(stream.write(lost))
  const next = stream.write(Uint8Array.of(9))
  const ended = stream.end()
  transfer(lost)
  const reading = collect(incoming)
  await pair.run(Promise.all([next, ended]))
  expect(await writing).toMatchObject({ code: 'STT_INVALID_ARGUMENT', details: { accepted: 0 } })
  const received = await pair.run(reading)
  expect(received.length).toBe(WINDOW + 1)
  expect(received.at(-1)).toBe(9)
})

test('a write that lost its memory half-way says how much was sent', async () => {
  const pair = new SessionPair()
  const stream = await pair.dialed.session.openStream()
  const bytes = pattern(WINDOW + 100)
  const writing = rejection(stream.write(bytes))
  transfer(bytes)
  const ended = stream.end()
  const reading = first(pair.accepted.session.streams()).then(collect)
  await pair.run(ended)
  expect(await writing).toMatchObject({ code: 'STT_INVALID_ARGUMENT', details: { accepted: WINDOW } })
  expect((await pair.run(reading)).length).toBe(WINDOW)
})

test('a buffer that shrinks counts as memory that was taken away, and one that grows is written as it was given', async () => {
  const { pair, stream, incoming } = await blocked()
  const shrinking = resizable(10)
  const growing = resizable(10)
  const lost = rejection(stream.write(new Uint8Array(shrinking)))
  const kept = stream.write(new Uint8Array(growing))
  shrinking.resize(5)
  growing.resize(20)
  const ended = stream.end()
  const reading = collect(incoming)
  await pair.run(Promise.all([kept, ended]))
  expect(await lost).toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
  expect((await pair.run(reading)).length).toBe(WINDOW + 10)
})

test('a message that lost its memory half-way resets the stream', async () => {
  const { pair, stream, incoming } = await blocked()
  const message = new Uint8Array(50_000)
  const writing = rejection(stream.writeMessage(message))
  const next = rejection(stream.write(Uint8Array.of(9)))
  const ended = rejection(stream.end())
  transfer(message)
  const reading = rejection(collect(incoming))
  for (const failed of [writing, next, ended, stream.delivered.then(undefined, (error: unknown) => error)])
    expect(await pair.run(Promise.resolve(failed))).toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
  expect(await pair.run(reading)).toMatchObject({ code: 'STT_STREAM_RESET' })
})

test('a message that is too large fails alone, also when it waited for others', async () => {
  const { pair, stream, incoming } = await blocked()
  const before = stream.write(Uint8Array.of(1))
  const tooLarge = rejection(stream.writeMessage(new Uint8Array(65_537)))
  const after = stream.write(Uint8Array.of(2))
  const reading = collect(incoming)
  const ended = stream.end()
  await pair.run(Promise.all([before, after, ended]))
  expect(await tooLarge).toMatchObject({ code: 'STT_MESSAGE_TOO_LARGE' })
  expect([...(await pair.run(reading)).slice(-2)]).toEqual([1, 2])
})

test('no write is taken behind the end, whether the end waits or is sent', async () => {
  const { pair, stream, incoming } = await blocked()
  const waiting = stream.write(Uint8Array.of(1))
  const ended = stream.end()
  expect(await rejection(stream.write(Uint8Array.of(2)))).toMatchObject({ code: 'STT_INVALID_STATE' })
  const reading = collect(incoming)
  await pair.run(Promise.all([waiting, ended, stream.end()]))
  expect(await rejection(stream.writeMessage(Uint8Array.of(2)))).toMatchObject({ code: 'STT_INVALID_STATE' })
  expect((await pair.run(reading)).length).toBe(WINDOW + 1)
})

test('an aborted write lets the end behind it go at once', async () => {
  const { pair, stream, incoming } = await blocked()
  const controller = new AbortController()
  const writing = rejection(stream.write(Uint8Array.of(1), { signal: controller.signal }))
  const ended = stream.end()
  controller.abort()
  expect(await writing).toMatchObject({ code: 'STT_ABORTED', details: { accepted: 0 } })
  await ended
  expect((await pair.run(collect(incoming))).length).toBe(WINDOW)
})

test('a signal ends the waiting of end, not the end; the same holds for ping and close', async () => {
  const { pair, stream, incoming } = await blocked()
  const controller = new AbortController()
  const { signal } = controller
  const writing = stream.write(Uint8Array.of(1))
  const waits = [stream.end({ signal }), pair.dialed.session.ping({ signal }), pair.dialed.session.close({ signal })]
  controller.abort()
  for (const wait of waits) expect(await rejection(wait)).toMatchObject({ code: 'STT_ABORTED' })
  const received = await pair.run(collect(incoming))
  await writing
  expect(received.length).toBe(WINDOW + 1)
  expect(await pair.run(pair.dialed.session.closed)).toMatchObject({ by: 'local', code: 0 })
})

test('sendBuffered shows what waits, until it is accepted or fails', async () => {
  const { pair, stream, incoming } = await blocked()
  await pair.pass(100)
  const sent = stream.getStatistics().sendBuffered
  const controller = new AbortController()
  const aborted = rejection(stream.write(new Uint8Array(5_000_000), { signal: controller.signal }))
  const message = stream.writeMessage(new Uint8Array(60_000))
  expect(stream.getStatistics().sendBuffered).toBe(sent + 5_060_000)
  controller.abort()
  await aborted
  expect(stream.getStatistics().sendBuffered).toBe(sent + 60_000)
  const reading = rejection(collect(incoming))
  await pair.run(message)
  // What is left was accepted, and the peer has not acknowledged it yet.
  expect(stream.getStatistics().sendBuffered).toBeLessThanOrEqual(WINDOW)
  stream.reset()
  await pair.run(reading)
})

test('write takes bytes from any view and buffer, and refuses other values before it does anything', async () => {
  const pair = new SessionPair()
  const stream = await pair.dialed.session.openStream()
  await stream.write(Uint8Array.of(1, 2, 3).buffer)
  await stream.write(new DataView(Uint8Array.of(0, 4, 5, 0).buffer, 1, 2))
  await stream.write(Uint16Array.of(0x0706))
  for (const wrong of ['text', [1], 7, null, undefined]) {
    expect(await rejection(stream.write(wrong as never))).toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
    expect(await rejection(stream.writeMessage(wrong as never))).toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
    expect(() => pair.dialed.session.sendDatagram(wrong as never)).toThrow(/must be bytes/)
  }
  expect(await rejection(stream.write(Uint8Array.of(1), { signl: 1 } as never))).toMatchObject({
    code: 'STT_INVALID_ARGUMENT',
  })
  await stream.end()
  const received = await pair.run(first(pair.accepted.session.streams()).then(collect))
  expect([...received]).toEqual([1, 2, 3, 4, 5, 6, 7])

  const datagram = first(pair.accepted.session.datagrams())
  const fate = pair.dialed.session.sendDatagram(Uint8Array.of(8).buffer)
  expect([...(await pair.run(datagram))]).toEqual([8])
  expect(await pair.run(fate)).toBe('acknowledged')
})

test('closing waits for writes and ends that flow control has not accepted', async () => {
  for (const kind of ['message', 'datagram'] as const) {
    const pair = new SessionPair(kind)
    const { session } = pair.dialed
    const stream = await session.openStream()
    const bytes = pattern(300_000)
    const writing = [stream.write(bytes), stream.writeMessage(bytes.subarray(0, 60_000)), stream.end()]
    const reading = first(pair.accepted.session.streams()).then(collect)
    const closed = session.close({ code: 5 })
    await pair.run(Promise.all(writing))
    expect(await pair.run(closed)).toMatchObject({ by: 'local', code: 5 })
    expect((await pair.run(reading)).length).toBe(360_004)
    expect(pair.pair.loop.now).toBeLessThan(5_000)
  }
})

test('closing waits no longer than its deadline, and writes that were not accepted by then fail', async () => {
  const { pair, stream } = await blocked()
  const writing = rejection(stream.write(Uint8Array.of(1)))
  const started = pair.pair.loop.now
  expect(await pair.run(pair.dialed.session.close({ deadline: 700 }))).toMatchObject({ by: 'local' })
  expect(pair.pair.loop.now - started).toBeGreaterThanOrEqual(700)
  expect(await writing).toMatchObject({ code: 'STT_CLOSED' })
})

test('a write that the peer stops, or that is reset, does not hold up closing', async () => {
  for (const giveUp of ['stop', 'reset'] as const) {
    const { pair, stream, incoming } = await blocked()
    const writing = rejection(stream.write(new Uint8Array(100_000)))
    const started = pair.pair.loop.now
    const closing = pair.dialed.session.close({ deadline: 60_000 })
    if (giveUp === 'stop') incoming.stop(3)
    else stream.reset(3)
    expect(await pair.run(writing)).toMatchObject({ code: expect.stringMatching(/STOPPED|RESET/) })
    await pair.run(closing)
    expect(pair.pair.loop.now - started).toBeLessThan(10_000)
  }
})

test.each([
  [{ code: -1 }, /code/],
  [{ code: 0.5 }, /code/],
  [{ code: '7' }, /code/],
  [{ reason: 7 }, /reason/],
  [{ reason: '\u20ac'.repeat(86) }, /258 bytes/],
  [{ deadline: -1 }, /deadline/],
  [{ deadline: Number.NaN }, /deadline/],
  [{ deadlin: 1 }, /deadlin is not an option/],
  [{ signal: {} }, /AbortSignal/],
  [7, /options/],
])('closing with %j is refused, and nothing is closed', async (options, message) => {
  const pair = new SessionPair()
  const { session } = pair.dialed
  const error = await rejection(session.close(options as never))
  expect(error).toMatchObject({ code: 'STT_INVALID_ARGUMENT', message: expect.stringMatching(message) })
  await settled()
  expect(session.state).toBe('active')
  expect(await pair.run(session.ping())).toBeGreaterThan(0)
})

test('streams are opened in the order of the calls as the peer allows them, and an aborted call loses its turn', async () => {
  const pair = new SessionPair()
  const { session } = pair.dialed
  const open = await Promise.all([session.openStream(), session.openStream(), session.openStream()])
  const order: number[] = []
  const controller = new AbortController()
  const aborted = rejection(session.openStream({ signal: controller.signal }))
  const waiting = [1, 2].map(number => session.openStream().then(() => order.push(number)))
  const oneWay = await session.openSendStream()
  expect(oneWay.unidirectional).toBe(true)
  controller.abort()
  expect(await aborted).toMatchObject({ code: 'STT_ABORTED' })
  pair.accepted.session.onStream(async stream => {
    await collect(stream)
    await stream.end()
  })
  for (const stream of open) {
    await stream.end()
    await pair.run(collect(stream))
  }
  await pair.run(Promise.all(waiting))
  expect(order).toEqual([1, 2])
})
