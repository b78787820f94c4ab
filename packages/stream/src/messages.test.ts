import { CloseCode } from '@stt/frame'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createPair, eventNames, exchange, pattern, pollAll } from '../test/pair.ts'
import type { Stream, StreamManager } from './index.ts'

describe('messages', () => {
  test('of any sizes arrive one by one, through windows smaller than they are', () => {
    // spec: STT-STR-21
    const size = fc.oneof(fc.nat(70), fc.nat(20_000))
    fc.assert(
      fc.property(fc.array(size, { maxLength: 8 }), fc.integer({ min: 300, max: 3_000 }), (sizes, packetSize) => {
        const { a, b } = createPair({ a: { maxStreamData: 3_000, maxData: 4_000 } })
        const stream = a.open({ unidirectional: true })!
        const received: Uint8Array[] = []
        for (const length of sizes) {
          const message = pattern(length, length)
          while (!stream.writeMessage(message)) carry(a, b, packetSize, received)
        }
        stream.end()
        carry(a, b, packetSize, received)
        expect(received.map(message => message.length)).toEqual(sizes)
        for (const message of received) expect(Buffer.compare(message, pattern(message.length, message.length))).toBe(0)
        expect(stream.delivered).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  test('above the peer’s maxMessage are refused before anything is written', () => {
    const { a } = createPair({ a: {}, b: { maxMessage: 100 } })
    const stream = a.open()!
    expect(() => stream.writeMessage(pattern(101))).toThrow(expect.objectContaining({ code: 'STT_MESSAGE_TOO_LARGE' }))
    expect(stream.getStatistics().bytesWritten).toBe(0)
    expect(stream.writeMessage(pattern(100))).toBe(true)
  })

  test('nothing can be written inside a message', () => {
    const { a } = createPair({ a: { maxStreamData: 100 } })
    const stream = a.open()!
    expect(stream.writeMessage(pattern(200))).toBe(false)
    expect(() => stream.write(pattern(1))).toThrow(expect.objectContaining({ code: 'STT_INVALID_STATE' }))
    expect(() => stream.end()).toThrow(expect.objectContaining({ code: 'STT_INVALID_STATE' }))
    stream.reset(0)
    expect(stream.writableEnded).toBe(true)
  })

  test('a length above our maxMessage ends the session and allocates nothing', () => {
    const { b } = createPair({ a: {}, b: { maxMessage: 1_000 } })
    b.onStream(0, 0, Uint8Array.of(0x43, 0xe9), false)
    expect(() => b.get(0)!.readMessage()).toThrow(expect.objectContaining({ closeCode: CloseCode.MessageTooLarge }))
  })

  test('a length that is not minimal is malformed', () => {
    const { b } = createPair()
    b.onStream(0, 0, Uint8Array.of(0x40, 0x01, 0xff), false)
    expect(() => b.get(0)!.readMessage()).toThrow(expect.objectContaining({ closeCode: CloseCode.FrameEncoding }))
  })

  test('storage follows what arrived, not what the length claims', () => {
    const { b } = createPair()
    const before = process.memoryUsage().arrayBuffers
    b.onStream(0, 0, Uint8Array.of(0x80, 0x20, 0, 0, 1), false)
    expect(b.get(0)!.readMessage()).toBeUndefined()
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100_000)
  })

  test.each([
    ['inside the length', Uint8Array.of(0x43)],
    ['inside the bytes', Uint8Array.of(5, 1, 2)],
  ])('a stream that ends %s is truncated', (_where, bytes) => {
    // spec: STT-STR-24
    const { b } = createPair({ limits: { maxPartialMessages: 1 } })
    b.onStream(2, 0, bytes, false)
    const stream = b.get(2)!
    expect(stream.readMessage()).toBeUndefined()
    b.onStream(2, bytes.length, new Uint8Array(0), true)
    expect(() => stream.readMessage()).toThrow(expect.objectContaining({ code: 'STT_TRUNCATED' }))
    expectFreeSlot(b, 6)
  })

  test('a reset drops a message by half and frees its slot', () => {
    const { b } = createPair({ limits: { maxPartialMessages: 1 } })
    b.onStream(2, 0, Uint8Array.of(5, 1), false)
    const stream = b.get(2)!
    expect(stream.readMessage()).toBeUndefined()
    b.onReset(2, 3, 2)
    expect([stream.readMessage(), stream.resetCode]).toEqual([undefined, 3])
    expectFreeSlot(b, 6)
  })
})

describe('partial messages', () => {
  test('eight are assembled at once, further ones wait and follow, without a dead end for the session credit', () => {
    // spec: STT-STR-22 STT-STR-23
    const { a, b } = createPair({
      a: { maxStreamData: 4_000, maxData: 16_000, maxStreamsUni: 40 },
      limits: { maxStreamWindow: 4_000, maxSessionWindow: 16_000 },
    })
    const message = pattern(20_000)
    const writers = Array.from({ length: 30 }, () => a.open({ unidirectional: true })!)
    const unfinished = new Set(writers)
    const received: Uint8Array[] = []
    const write = (some: Iterable<Stream>): void => {
      for (const writer of some) if (writer.writeMessage(message)) unfinished.delete(writer)
      carry(a, b, 1_000, received)
    }
    // Eight take the slots; the others then use up the session's first window while they wait.
    write(writers.slice(0, 4))
    write(writers.slice(4, 8))
    write(writers.slice(8))
    expect(b.getStatistics().receiveWindow).toBe(16_000)
    for (let rounds = 0; unfinished.size > 0 && rounds < 100; rounds++) write(unfinished)
    expect(received.length).toBe(30)
    for (const bytes of received) expect(Buffer.compare(bytes, message)).toBe(0)
    for (const writer of writers) writer.end()
    carry(a, b, 1_000, received)
    expect(b.getStatistics().receiveBuffered).toBe(0)
  })

  test('what waits holds credit of its own stream only, and gives it back once when it is stopped', () => {
    const { b } = createPair({
      a: { maxStreamData: 4_000, maxData: 8_000 },
      limits: { maxPartialMessages: 1, maxSessionWindow: 8_000 },
    })
    b.onStream(2, 0, Uint8Array.of(0x60, 0, 1), false)
    b.onStream(6, 0, Uint8Array.of(0x60, 0, 1), false)
    expect([b.get(2)!.readMessage(), b.get(6)!.readMessage()]).toEqual([undefined, undefined])
    b.onStream(6, 3, new Uint8Array(3_997), false)
    expect(b.getStatistics().receiveBuffered).toBe(0)
    expect(b.get(6)!.getStatistics().receiveBuffered).toBe(4_000)
    b.get(6)!.stop(0)
    expect(b.getStatistics().receiveBuffered).toBe(0)
  })

  test('a message that arrived completely needs no slot', () => {
    const { b } = createPair({ limits: { maxPartialMessages: 1 } })
    b.onStream(2, 0, Uint8Array.of(5, 1), false)
    b.onStream(6, 0, Uint8Array.of(2, 7, 8), false)
    expect(b.get(2)!.readMessage()).toBeUndefined()
    expect(b.get(6)!.readMessage()).toEqual(Uint8Array.of(7, 8))
  })

  test('a stream that is over waits no more', () => {
    const { b } = createPair({ limits: { maxPartialMessages: 1 } })
    b.onStream(2, 0, Uint8Array.of(2, 1), false)
    b.onStream(6, 0, Uint8Array.of(2, 7), false)
    expect([b.get(2)!.readMessage(), b.get(6)!.readMessage()]).toEqual([undefined, undefined])
    b.onStream(6, 2, new Uint8Array(0), true)
    b.get(6)!.read()
    pollAll(b)
    b.get(2)!.stop(0)
    expect(eventNames(b)).toEqual([])
  })

  test('who waits is told when a slot is free', () => {
    const { b } = createPair({ limits: { maxPartialMessages: 1 } })
    b.onStream(2, 0, Uint8Array.of(2, 1), false)
    b.onStream(6, 0, Uint8Array.of(2, 7), false)
    expect([b.get(2)!.readMessage(), b.get(6)!.readMessage()]).toEqual([undefined, undefined])
    pollAll(b)
    b.onStream(2, 2, Uint8Array.of(9), false)
    expect(b.get(2)!.readMessage()).toEqual(Uint8Array.of(1, 9))
    expect(eventNames(b)).toEqual(['readable 2', 'readable 6'])
  })
})

/** Carries packets both ways; `b` reads every message as soon as an event says so. */
function carry(a: StreamManager, b: StreamManager, packetSize: number, received: Uint8Array[]): void {
  let worked = true
  while (worked) {
    worked = exchange(a, b, packetSize) > 0
    for (let event = b.pollEvent(); event !== undefined; event = b.pollEvent()) {
      if (event.type !== 'readable') continue
      worked = true
      const { stream } = event
      for (let message = stream.readMessage(); message !== undefined; message = stream.readMessage())
        received.push(message)
    }
    pollAll(a)
  }
}

function expectFreeSlot(manager: StreamManager, id: number): void {
  manager.onStream(id, 0, Uint8Array.of(3, 1, 2), false)
  const other: Stream = manager.get(id)!
  expect(other.readMessage()).toBeUndefined()
  manager.onStream(id, 3, Uint8Array.of(4), false)
  expect(other.readMessage()).toEqual(Uint8Array.of(1, 2, 4))
}
