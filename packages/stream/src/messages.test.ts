import { CloseCode } from '@stt/frame'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createPair, eventNames, exchange, pattern, pollAll, takePacket } from '../test/pair.ts'
import type { StreamEngine, StreamManager } from './index.ts'

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
          for (let rounds = 0; !stream.writeMessage(message); rounds++) {
            expect(rounds).toBeLessThan(1_000)
            carry(a, b, packetSize, received)
          }
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
    ['inside a large one', Uint8Array.of(0x80, 0, 0x75, 0x30, 1)],
  ])('a stream that ends %s is truncated', (_where, bytes) => {
    // spec: STT-STR-24
    const { b } = createPair({ limits: { maxPartialMessages: 1 } })
    b.onStream(2, 0, bytes, false)
    const stream = b.get(2)!
    expect(stream.readMessage()).toBeUndefined()
    b.onStream(2, bytes.length, new Uint8Array(0), true)
    expect(() => stream.readMessage()).toThrow(expect.objectContaining({ code: 'STT_TRUNCATED' }))
    expect(stream.readableEnded).toBe(true)
    expectFreeSlot(b, 6)
  })

  test('a reset drops a message by half and frees its slot', () => {
    const { b } = createPair({ limits: { maxPartialMessages: 1 } })
    b.onStream(2, 0, Uint8Array.of(0x80, 0, 0x75, 0x30), false)
    const stream = b.get(2)!
    expect(stream.readMessage()).toBeUndefined()
    b.onReset(2, 3, 4)
    expect([stream.readMessage(), stream.resetCode]).toEqual([undefined, 3])
    expectFreeSlot(b, 6)
  })
})

describe('messages that are larger than their stream’s window', () => {
  const SIZE = 20_000
  const header = Uint8Array.of(0x80, 0, SIZE >> 8, SIZE & 255)

  /** Begins such a message on the one-way stream of this index; it is asked for, and not there. */
  function begin(b: StreamManager, index: number): StreamEngine {
    b.onStream(index * 4 + 2, 0, header, false)
    const stream = b.get(index * 4 + 2)!
    expect(stream.readMessage()).toBeUndefined()
    return stream
  }

  const finish = (b: StreamManager, { id }: StreamEngine): void => b.onStream(id, 4, pattern(SIZE), false)

  test('eight have credit for all of them at once, the ninth has not, and follows when one is done', () => {
    // spec: STT-STR-22 STT-STR-23
    const { b } = createPair({ a: { maxStreamData: 1_000, maxStreamsUni: 20, maxMessage: 50_000 } })
    const streams = Array.from({ length: 9 }, (_, i) => begin(b, i))
    const granted = takePacket(b)!.sent.filter(frame => frame.offset === 4 + SIZE + 1_000)
    expect(granted.map(frame => frame.id)).toEqual(streams.slice(0, 8).map(stream => stream.id))
    const [first, last] = [streams[0]!, streams[8]!]
    expect(() => finish(b, last)).toThrow(expect.objectContaining({ closeCode: CloseCode.FlowControl }))
    pollAll(b)
    finish(b, first)
    expect(eventNames(b)).toEqual(['readable 2'])
    expect(first.readMessage()).toEqual(pattern(SIZE))
    expect(eventNames(b)).toEqual([`readable ${last.id}`])
    expect(last.readMessage()).toBeUndefined()
    expect(takePacket(b)!.sent.map(frame => frame.id)).toContain(last.id)
    finish(b, last)
    expect(last.readMessage()).toEqual(pattern(SIZE))
  })

  test('have it only as far as the session window reaches, one after the other, and never hold more', () => {
    // spec: STT-STR-23 STT-STR-26
    const window = 130_000
    const { a, b } = createPair({
      a: { maxStreamData: 1_000, maxData: window, maxStreamsBidi: 0, maxStreamsUni: 40, maxMessage: 50_000 },
      limits: { maxStreamWindow: 1_000, maxSessionWindow: window },
    })
    const message = pattern(SIZE)
    const writers = Array.from({ length: 30 }, () => a.open({ unidirectional: true })!)
    const unfinished = new Set(writers)
    const received: Uint8Array[] = []
    for (let rounds = 0; unfinished.size > 0 && rounds < 200; rounds++) {
      for (const writer of unfinished) if (writer.writeMessage(message)) unfinished.delete(writer)
      carry(a, b, 1_000, received)
      const { receiveBuffered, receiveWindow } = b.getStatistics()
      expect(receiveBuffered).toBeLessThanOrEqual(window)
      expect(receiveWindow).toBe(window)
    }
    expect(received.length).toBe(30)
    for (const bytes of received) expect(Buffer.compare(bytes, message)).toBe(0)
    for (const writer of writers) writer.end()
    carry(a, b, 1_000, received)
    expect(b.getStatistics()).toMatchObject({ receiveBuffered: 0, receiveMemory: 0, messagesReceived: 30 })
    expect(a.getStatistics().messagesSent).toBe(30)
  })

  test('that wait hold no more than their streams’ windows, whatever their number', () => {
    // spec: STT-STR-23
    const { b } = createPair({
      a: { maxStreamData: 4_000, maxData: 200_000, maxStreamsUni: 40, maxStreamsBidi: 0, maxMessage: 50_000 },
      limits: { maxSessionWindow: 200_000, maxPartialMessages: 1 },
    })
    const streams = Array.from({ length: 40 }, (_, i) => begin(b, i))
    for (const { id } of streams) b.onStream(id, 4, pattern(3_996), false)
    expect(b.getStatistics()).toMatchObject({ receiveBuffered: 160_000, receiveWindow: 200_000 })
    expect(b.heldBytes).toBeLessThan(200_000)
    for (const stream of streams) stream.stop(0)
    expect(b.getStatistics()).toMatchObject({ receiveBuffered: 0, receiveMemory: 0 })
  })

  test('one whose claim alone came holds no memory for it', () => {
    // spec: STT-STR-21
    const { b } = createPair()
    b.onStream(2, 0, Uint8Array.of(0x80, 0x20, 0, 0, 1), false)
    expect(b.get(2)!.readMessage()).toBeUndefined()
    expect(b.heldBytes).toBeLessThan(1_000)
  })

  test('one is taken even where the window of the session was made smaller than it', () => {
    const { a, b } = createPair({
      a: { maxStreamData: 1_000, maxData: 4_000, maxStreamsUni: 4, maxStreamsBidi: 0, maxMessage: 50_000 },
      limits: { maxStreamWindow: 1_000, maxSessionWindow: 4_000 },
    })
    const stream = a.open({ unidirectional: true })!
    const received: Uint8Array[] = []
    for (let rounds = 0; rounds < 5 && !stream.writeMessage(pattern(50_000)); rounds++) carry(a, b, 1_000, received)
    carry(a, b, 1_000, received)
    expect(received).toEqual([pattern(50_000)])
  })

  test('one that fits into the window of its stream needs no slot', () => {
    const { b } = createPair({ limits: { maxPartialMessages: 1 } })
    begin(b, 0)
    b.onStream(6, 0, Uint8Array.of(2, 7), false)
    expect(b.get(6)!.readMessage()).toBeUndefined()
    b.onStream(6, 2, Uint8Array.of(8), false)
    expect(b.get(6)!.readMessage()).toEqual(Uint8Array.of(7, 8))
  })

  test('its reader’s driver is told that there is credit to send, and who waits when a slot comes free', () => {
    let woken = 0
    const { b } = createPair({ limits: { maxPartialMessages: 1 }, onWake: () => woken++ })
    const holder = begin(b, 0)
    expect([b.hasFrames(), woken]).toEqual([true, 1])
    while (takePacket(b) !== undefined);
    begin(b, 1)
    b.onStream(holder.id, 4, new Uint8Array(0), true)
    pollAll(b)
    woken = 0
    expect(() => holder.readMessage()).toThrow(expect.objectContaining({ code: 'STT_TRUNCATED' }))
    expect(woken).toBe(1)
    expect(eventNames(b)).toContain('readable 6')
  })

  test('a stream that is over, or read as bytes, waits no more', () => {
    const { b } = createPair({ limits: { maxPartialMessages: 1 } })
    const [holder, over, bytes] = [begin(b, 0), begin(b, 1), begin(b, 2)]
    b.onStream(over.id, 4, new Uint8Array(0), true)
    expect(over.read()).toEqual(header)
    expect(bytes.read()).toEqual(header)
    pollAll(b)
    holder.stop(0)
    expect(eventNames(b)).toEqual([])
  })

  test('no message is woken for a slot when the session has ended', () => {
    const { b } = createPair({ limits: { maxPartialMessages: 1 } })
    const [holder] = [begin(b, 0), begin(b, 1)]
    b.closeAll(new Error('over'))
    pollAll(b)
    expect(holder!.read()).toEqual(header)
    expect(eventNames(b)).toEqual([])
  })
})

describe('a message that changes on the way', () => {
  test('cannot go on, and the stream can be reset', () => {
    const { a, b } = createPair({ a: { maxStreamData: 1_000 } })
    const stream = a.open()!
    const message = new Uint8Array(5_000)
    expect(stream.writeMessage(message)).toBe(false)
    structuredClone(message.buffer, { transfer: [message.buffer] })
    expect(() => stream.writeMessage(message)).toThrow(expect.objectContaining({ code: 'STT_INVALID_ARGUMENT' }))
    expect(() => stream.writeMessage(pattern(4_999))).toThrow(expect.objectContaining({ code: 'STT_INVALID_ARGUMENT' }))
    stream.reset(1)
    exchange(a, b)
    expect(eventNames(b)).toContain('reset 0 code 1')
  })

  test('what is no bytes is refused before anything of it is written', () => {
    const { a } = createPair()
    const stream = a.open()!
    for (const bad of ['x', 7, undefined, [1, 2]]) {
      expect(() => stream.writeMessage(bad as never)).toThrow(expect.objectContaining({ code: 'STT_INVALID_ARGUMENT' }))
      expect(() => stream.write(bad as never)).toThrow(expect.objectContaining({ code: 'STT_INVALID_ARGUMENT' }))
    }
    expect(stream.write(Uint16Array.of(1, 2) as never)).toBe(4)
    expect(stream.writeMessage(new ArrayBuffer(3) as never)).toBe(true)
    expect(stream.getStatistics()).toMatchObject({ bytesWritten: 8, messagesSent: 1 })
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
      const stream = b.get(event.id)
      for (let message = stream?.readMessage(); message !== undefined; message = stream?.readMessage())
        received.push(message)
    }
    pollAll(a)
  }
}

function expectFreeSlot(manager: StreamManager, id: number): void {
  manager.onStream(id, 0, Uint8Array.of(0x80, 0, 0x75, 0x30), false)
  const other: StreamEngine = manager.get(id)!
  expect(other.readMessage()).toBeUndefined()
  manager.onStream(id, 4, pattern(30_000), false)
  expect(other.readMessage()).toEqual(pattern(30_000))
}
