import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { acknowledge, createPair, deliver, exchange, pattern, pollAll, takePacket } from '../test/pair.ts'
import { firstStreamWindow, type StreamEngine, type StreamManager } from './index.ts'

const KIB = 1024
const MIB = 1024 * KIB

/** The limits that a node states for these options. */
function stated(sessionWindow: number, streams: number, maxMessage: number) {
  const maxStreamData = firstStreamWindow({ sessionWindow, streamWindow: 256 * KIB, streams: 2 * streams, maxMessage })
  return { maxData: sessionWindow, maxStreamData, maxStreamsBidi: streams, maxStreamsUni: streams, maxMessage }
}

/** Bytes for a stream that its writer still has, written as credit allows. */
class Upload {
  readonly stream: StreamEngine
  left: number

  constructor(stream: StreamEngine, size: number) {
    this.stream = stream
    this.left = size
  }

  push(): void {
    if (this.left === 0 || this.stream.writableEnded) return
    this.left -= this.stream.write(new Uint8Array(Math.min(this.left, 70_000)))
    if (this.left === 0) this.stream.end()
  }
}

/** Everything that credit allows goes over; returns when nothing moves any more. */
function settle(a: StreamManager, b: StreamManager, uploads: readonly Upload[]): void {
  for (let moved = true; moved; ) {
    const before = uploads.reduce((sum, { left }) => sum + left, 0)
    for (const upload of uploads) upload.push()
    moved = exchange(a, b, 16_000) > 0
    pollAll(a)
    pollAll(b)
    moved ||= uploads.reduce((sum, { left }) => sum + left, 0) < before
  }
}

/** Reads a stream to its end as a loop over it does; returns how many bytes there were. */
function readToEnd(a: StreamManager, b: StreamManager, uploads: readonly Upload[], stream: StreamEngine): number {
  let length = 0
  for (let idle = 0; !stream.readableEnded && idle < 3; idle++) {
    for (let bytes = stream.read(); bytes !== undefined; bytes = stream.read()) {
      length += bytes.length
      idle = 0
    }
    settle(a, b, uploads)
  }
  return length
}

describe('a stream that is read goes on whatever the others hold', () => {
  const config = fc.record({
    streams: fc.constantFrom(3, 12, 128),
    window: fc.constantFrom(300 * KIB, 4 * MIB, 8 * MIB),
    grows: fc.boolean(),
    used: fc.integer({ min: 1, max: 12 }),
    size: fc.constantFrom(40_000, 400_000),
  })
  type Config = typeof config extends fc.Arbitrary<infer T> ? T : never

  test('one after the other, while the peer fills all of them', () => {
    // spec: STT-STR-26
    const law = ({ streams, window, grows, used, size }: Config, started: readonly number[]): void => {
      const side = stated(window, streams, 100_000)
      const most = grows ? 4 * window : window
      const limits = { streamWindow: 256 * KIB, maxSessionWindow: 4 * window }
      const { a, b } = createPair({ a: side, limits })
      b.mayGrow = grows
      const count = Math.min(used, streams)
      const open = (i: number): Upload => new Upload(a.open({ unidirectional: i % 2 === 0 })!, size)
      const uploads = Array.from({ length: count }, (_, i) => open(i))
      settle(a, b, uploads)
      const readers = uploads.map(({ stream }) => b.get(stream.id)!)
      // The application begins to read some, so that they have large windows, and leaves them again.
      for (const n of started) {
        readers[n % count]!.read()
        readers[(n * 7) % count]!.read()
        settle(a, b, uploads)
        expect(b.getStatistics().receiveWindow).toBeLessThanOrEqual(most)
        expect(b.getStatistics().receiveBuffered).toBeLessThanOrEqual(most)
        expect(b.heldBytes).toBeLessThanOrEqual(most + MIB)
      }
      for (const reader of readers.toReversed()) {
        const before = reader.getStatistics().bytesRead
        expect(before + readToEnd(a, b, uploads, reader)).toBe(size)
      }
    }
    fc.assert(fc.property(config, fc.array(fc.nat(100), { maxLength: 30 }), law), { numRuns: 25 })
  })

  test('unread streams leave 1 MiB of the session window to streams that are read', () => {
    // spec: STT-STR-27
    const window = 12 * MIB
    const side = { ...stated(window, 16, 0), maxStreamData: 16 * KIB }
    const limits = { streamWindow: 2 * MIB, maxStreamWindow: 2 * MIB, maxSessionWindow: window }
    const { a, b } = createPair({ a: side, limits })
    const uploads = Array.from({ length: 16 }, () => new Upload(a.open({ unidirectional: true })!, 4 * MIB))
    settle(a, b, uploads)
    const some = uploads.map(({ stream }) => b.get(stream.id)!)
    // Each is read once, which gives it the large window, and never again: no reader waits for it.
    for (const stream of some) {
      stream.read()
      settle(a, b, uploads)
    }
    const { receiveBuffered } = b.getStatistics()
    expect(receiveBuffered).toBeGreaterThan(9 * MIB)
    expect(receiveBuffered).toBeLessThanOrEqual(window - MIB)
    // The last of them had no more than its first window. Now it is read, and gets what was left.
    const last = some.at(-1)!
    while (last.read() !== undefined);
    settle(a, b, uploads)
    expect(last.bufferedBytes).toBeGreaterThan(MIB / 2)
    expect(b.getStatistics().receiveBuffered).toBeLessThanOrEqual(window)
  })

  test('a message is taken while unread streams hold all that they can get', () => {
    // spec: STT-STR-26 STT-STR-27
    const side = stated(4 * MIB, 8, MIB)
    const limits = { streamWindow: MIB, maxStreamWindow: MIB, maxSessionWindow: 4 * MIB }
    const { a, b } = createPair({ a: side, limits })
    b.mayGrow = false
    const uploads = Array.from({ length: 7 }, () => new Upload(a.open({ unidirectional: true })!, 4 * MIB))
    settle(a, b, uploads)
    for (let turn = 0; turn < 3; turn++)
      for (const { stream } of uploads) {
        b.get(stream.id)!.read()
        b.get(stream.id)!.read()
        settle(a, b, uploads)
      }
    const writer = a.open({ unidirectional: true })!
    const message = pattern(MIB)
    let taken: Uint8Array | undefined
    for (let rounds = 0; taken === undefined && rounds < 20; rounds++) {
      if (writer.getStatistics().messagesSent === 0) writer.writeMessage(message)
      settle(a, b, uploads)
      taken = b.get(writer.id)!.readMessage()
    }
    expect(Buffer.compare(taken!, message)).toBe(0)
  })
})

describe('the window of the session', () => {
  test('never holds up a sender that has credit of a stream', () => {
    const { a, b } = createPair({ a: stated(8 * MIB, 128, 2 * MIB), limits: { streamWindow: 256 * KIB } })
    const uploads = Array.from({ length: 256 }, (_, i) => new Upload(a.open({ unidirectional: i % 2 === 0 })!, MIB))
    settle(a, b, uploads)
    for (const { stream } of uploads) expect(stream.getStatistics().bytesWritten).toBe(16 * KIB)
    expect(b.getStatistics()).toMatchObject({ receiveBuffered: 4 * MIB, receiveWindow: 8 * MIB })
    expect(a.getStatistics().sendCredit).toBe(4 * MIB)
  })

  test('grows for a stream that is read where first windows do not fit into it', () => {
    const side = { maxStreamData: 8_000, maxData: 8_000, maxStreamsBidi: 0, maxStreamsUni: 4, maxMessage: 0 }
    const { a, b } = createPair({ a: side, limits: { maxSessionWindow: 16_000 } })
    const uploads = Array.from({ length: 2 }, () => new Upload(a.open({ unidirectional: true })!, 40_000))
    settle(a, b, uploads)
    const [full, empty] = uploads.map(({ stream }) => b.get(stream.id)!)
    expect([full!.bufferedBytes, empty!.bufferedBytes]).toEqual([8_000, 0])
    expect(readToEnd(a, b, uploads, empty!)).toBe(40_000)
    expect(full!.bufferedBytes).toBe(8_000)
    expect(b.getStatistics().receiveWindow).toBe(16_000)
  })

  test('does not grow, nor that of a stream, while its program has too little memory', () => {
    // spec: STT-STR-16
    const { a, b } = createPair({ a: stated(2 * MIB, 4, 0), limits: { streamWindow: 64 * KIB } })
    const upload = new Upload(a.open({ unidirectional: true })!, 64 * MIB)
    const turn = (): void => {
      upload.push()
      for (let packet = takePacket(a, 60_000); packet; packet = takePacket(a, 60_000)) {
        deliver(packet, b)
        acknowledge(packet, a)
      }
      while (b.get(2)!.read() !== undefined);
      for (let packet = takePacket(b); packet; packet = takePacket(b)) deliver(packet, a)
      pollAll(a)
    }
    b.mayGrow = false
    for (let i = 0; i < 50; i++) turn()
    expect([b.get(2)!.getStatistics().receiveWindow, b.getStatistics().receiveWindow]).toEqual([64 * KIB, 2 * MIB])
    b.mayGrow = true
    for (let i = 0; i < 50; i++) turn()
    expect(b.get(2)!.getStatistics().receiveWindow).toBeGreaterThan(MIB)
  })

  test('has room for the first windows of streams of our own, or they are not opened yet', () => {
    // spec: STT-STR-26
    const { a, b } = createPair({
      a: { maxStreamData: 1_000, maxData: 40_000, maxStreamsBidi: 100, maxStreamsUni: 0, maxMessage: 0 },
      b: { maxStreamsBidi: 10, maxStreamsUni: 0 },
      limits: { maxSessionWindow: 110_000 },
    })
    let opened = 0
    while (b.open() !== undefined) opened++
    expect(opened).toBeLessThanOrEqual(100)
    let ours = 0
    while (a.open() !== undefined) ours++
    expect(ours).toBe(9)
    exchange(a, b)
    expect(pollAll(a)).not.toContainEqual({ type: 'streams-available', unidirectional: false })
    for (const stream of [a.get(0)!, b.get(0)!]) stream.end()
    exchange(a, b)
    expect(pollAll(a)).toContainEqual({ type: 'streams-available', unidirectional: false })
    expect(a.open()).toBeDefined()
  })
})

test('the first window is what lets all streams, a message and 1 MiB fit, and 16 KiB at most', () => {
  const first = (sessionWindow: number, streams: number, streamWindow = 256 * KIB): number =>
    firstStreamWindow({ sessionWindow, streams, streamWindow, maxMessage: 2 * MIB })
  expect(first(8 * MIB, 256)).toBe(16 * KIB)
  expect(first(8 * MIB, 512)).toBe(10 * KIB)
  expect(first(64 * MIB, 256)).toBe(16 * KIB)
  expect(first(8 * MIB, 256, 1_000)).toBe(1_000)
  expect(first(MIB, 256)).toBe(KIB)
  expect(first(10, 256)).toBe(1)
})
