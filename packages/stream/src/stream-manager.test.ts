import { CloseCode } from '@stt/frame'
import { describe, expect, test } from 'vitest'
import {
  acknowledge,
  atStart,
  createPair,
  deliver,
  eventNames,
  exchange,
  limitsWith,
  lose,
  pattern,
  pollAll,
  readAll,
  takePacket,
} from '../test/pair.ts'
import { StreamManager } from './stream-manager.ts'

describe('opening', () => {
  test('ids count per side and kind as in QUIC', () => {
    // spec: STT-STR-1
    const { a, b } = createPair()
    expect([a.open()!.id, a.open()!.id, a.open({ unidirectional: true })!.id]).toEqual([0, 4, 2])
    expect([b.open()!.id, b.open({ unidirectional: true })!.id, b.open({ unidirectional: true })!.id]).toEqual([
      1, 3, 7,
    ])
  })

  test('the peer learns of a stream at once, by a frame without bytes where none are written', () => {
    // spec: STT-STR-29
    const { a, b } = createPair()
    const quiet = a.open()!
    const busy = a.open()!
    busy.write(pattern(3))
    const packet = takePacket(a)!
    expect(packet.sent).toMatchObject([
      { id: 0, offset: 0, length: 0, fin: false },
      { id: 4, offset: 0, length: 3 },
    ])
    expect(a.hasFrames()).toBe(false)
    lose(packet, a)
    deliver(takePacket(a)!, b)
    expect(eventNames(b)).toEqual(['opened 4', 'readable 4', 'opened 0'])
    acknowledge(packet, a)
    lose(packet, a)
    expect([a.hasFrames(), quiet.getStatistics().bytesSent]).toEqual([false, 0])
  })

  test('a stream that is reset before anything was sent is announced by RESET', () => {
    const { a, b } = createPair()
    a.open()!.reset(3)
    expect(takePacket(a)!.sent.length).toBe(1)
    a.open()!.end()
    const packet = takePacket(a)!
    expect(packet.sent.length).toBe(1)
    deliver(packet, b)
    expect(eventNames(b)).toEqual(['opened 4', 'readable 4'])
  })

  test('a stream that the peer passed over is no object until it is used, and can be used later, once', () => {
    // spec: STT-STR-4
    const { b } = createPair({ a: { maxStreamsBidi: 128 } })
    b.onStream(4 * 127, 0, pattern(1), false)
    expect(eventNames(b)).toEqual(['opened 508', 'readable 508'])
    expect([b.list().length, b.get(0), b.getStatistics().openedByPeer]).toEqual([1, undefined, 128])
    b.onReset(4 * 50, 1, 0)
    b.onMaxStreamData(4 * 49, 9)
    expect(eventNames(b)).toEqual(['opened 200', 'reset 200 code 1', 'opened 196'])
    b.get(200)!.reset(0)
    acknowledge(takePacket(b)!, b)
    expect(eventNames(b)).toEqual(['finished 200'])
    b.onStream(200, 0, pattern(1), false)
    expect([eventNames(b), b.has(200)]).toEqual([[], false])
    expect(() => b.onStream(4 * 129, 0, pattern(1), false)).toThrow(
      expect.objectContaining({ closeCode: CloseCode.StreamLimit }),
    )
  })

  test('what `open` is given by mistake is told', () => {
    const { a } = createPair()
    const refused = expect.objectContaining({ code: 'STT_INVALID_ARGUMENT' })
    expect(() => a.open({ prority: 3 } as never)).toThrow(refused)
    expect(() => a.open({ priority: Number.NaN })).toThrow(refused)
    expect(() => createPair({ limits: { maxGap: 3 } as never })).toThrow(refused)
  })

  test('open gives nothing beyond the credit and an event when the peer grants more', () => {
    // spec: STT-STR-3
    const { a, b } = createPair({ a: { maxStreamsUni: 1 } })
    const first = a.open({ unidirectional: true })!
    expect(a.open({ unidirectional: true })).toBeUndefined()
    first.end()
    exchange(a, b)
    expect(eventNames(a)).toEqual(['delivered 2', 'finished 2'])
    b.get(2)!.claim()
    exchange(a, b)
    expect(eventNames(a)).toEqual(['streams-available uni'])
    expect(a.open({ unidirectional: true })!.id).toBe(6)
  })

  test('an empty or reset stream gives its place back when it is read, although there is nothing to read', () => {
    // spec: STT-STR-5
    let woken = 0
    const { a, b } = createPair({ a: { maxStreamsUni: 2 }, onWake: side => (woken += side) })
    a.open({ unidirectional: true })!.end()
    a.open({ unidirectional: true })!.reset(3)
    exchange(a, b)
    pollAll(b)
    for (const id of [2, 6]) expect(b.get(id)!.read()).toBeUndefined()
    expect([b.hasFrames(), woken]).toEqual([true, 2])
    exchange(a, b)
    expect(a.open({ unidirectional: true })!.id).toBe(10)
  })

  test('so it does when it is taken by a write that can do nothing any more', () => {
    // spec: STT-STR-5
    let woken = 0
    const { a, b } = createPair({ a: { maxStreamsBidi: 1 }, onWake: side => (woken += side) })
    const stream = a.open()!
    stream.reset(3)
    stream.stop(4)
    exchange(a, b)
    pollAll(b)
    exchange(a, b)
    expect(() => b.get(0)!.write(Uint8Array.of(1))).toThrow(expect.objectContaining({ code: 'STT_STREAM_STOPPED' }))
    expect([b.hasFrames(), woken]).toEqual([true, 1])
  })

  test('stream credit comes back only when the application took the stream', () => {
    // spec: STT-STR-5
    const { a, b } = createPair({ a: { maxStreamsUni: 2 } })
    for (let i = 0; i < 2; i++) a.open({ unidirectional: true })!.reset(1)
    exchange(a, b)
    expect(pollAll(b).length).toBe(4)
    expect(a.open({ unidirectional: true })).toBeUndefined()
    b.get(2)!.claim()
    exchange(a, b)
    expect(a.open({ unidirectional: true })!.id).toBe(10)
  })

  test('MAX_STREAMS goes out when half of the streams are used up, and again when it is lost', () => {
    const { a, b } = createPair({ a: { maxStreamsUni: 4 } })
    const finishOne = () => {
      const stream = a.open({ unidirectional: true })!
      stream.end()
      deliver(takePacket(a)!, b)
      b.get(stream.id)!.claim()
    }
    finishOne()
    expect(b.hasFrames()).toBe(false)
    finishOne()
    const old = takePacket(b)!
    expect(old.sent.map(frame => frame.offset)).toEqual([6])
    lose(old, b)
    const again = takePacket(b)!
    expect(again.sent).toEqual(old.sent)
    finishOne()
    finishOne()
    expect(takePacket(b)!.sent.map(frame => frame.offset)).toEqual([8])
    lose(again, b)
    expect(b.hasFrames()).toBe(false)
  })

  test('priority has eight values', () => {
    const { a } = createPair()
    expect(() => a.open({ priority: 8 })).toThrow(expect.objectContaining({ code: 'STT_INVALID_ARGUMENT' }))
    expect(a.open({ priority: 7 })!.priority).toBe(7)
  })
})

describe('data', () => {
  test('arrives in order and ends with FIN, and the writer learns that it was delivered', () => {
    const { a, b } = createPair()
    const stream = a.open()!
    const sent = pattern(10_000)
    expect(stream.write(sent)).toBe(10_000)
    stream.end()
    exchange(a, b)
    const received = b.get(0)!
    expect(received.readableEnded).toBe(false)
    expect(readAll(received)).toEqual(sent)
    expect(received.readableEnded).toBe(true)
    expect(stream.delivered).toBe(true)
    expect(eventNames(a)).toEqual(['delivered 0'])
    received.end()
    exchange(a, b)
    expect(eventNames(a)).toEqual(['readable 0', 'finished 0'])
    expect(a.list()).toEqual([])
    expect(b.list()).toEqual([])
  })

  test('a lost range is sent again first, with FIN, and nothing twice', () => {
    // spec: STT-STR-8
    const { a, b } = createPair()
    const stream = a.open({ unidirectional: true })!
    const sent = pattern(6_000)
    stream.write(sent.subarray(0, 3_000))
    const first = takePacket(a)!
    const second = takePacket(a)!
    const third = takePacket(a)!
    deliver(second, b)
    acknowledge(second, a)
    lose(first, a)
    stream.write(sent.subarray(3_000))
    stream.end()
    const again = takePacket(a)!
    expect(again.sent[0]).toMatchObject({ offset: 0, length: first.sent[0]!.length })
    deliver(again, b)
    deliver(third, b)
    lose(third, a)
    acknowledge(third, a)
    exchange(a, b)
    expect(readAll(b.get(2)!)).toEqual(sent)
    expect(stream.getStatistics().bytesResent).toBe(first.sent[0]!.length)
  })

  test('a lost FIN comes again, alone or with the bytes before it', () => {
    const { a, b } = createPair()
    const [alone, last] = [a.open({ unidirectional: true })!, a.open({ unidirectional: true })!]
    alone.write(pattern(5))
    exchange(a, b)
    alone.end()
    last.write(pattern(7))
    last.end()
    lose(takePacket(a)!, a)
    exchange(a, b)
    expect([alone.delivered, last.delivered]).toEqual([true, true])
    expect([readAll(b.get(2)!), readAll(b.get(6)!)]).toEqual([pattern(5), pattern(7)])
  })

  test('what was taken for lost and acknowledged after all is not sent again', () => {
    const { a } = createPair()
    a.open({ unidirectional: true })!.write(pattern(2_000))
    const [first, second] = [takePacket(a)!, takePacket(a)!]
    lose(second, a)
    const again = takePacket(a)!
    acknowledge(second, a)
    lose(again, a)
    expect(a.hasFrames()).toBe(false)
    lose(first, a)
    acknowledge(first, a)
    expect(a.hasFrames()).toBe(false)
  })

  test('an empty stream is FIN alone', () => {
    const { a, b } = createPair()
    a.open({ unidirectional: true })!.end()
    exchange(a, b)
    expect(eventNames(b)).toEqual(['opened 2', 'readable 2'])
    const stream = b.get(2)!
    expect(stream.readableEnded).toBe(true)
    expect(stream.read()).toBeUndefined()
    expect(eventNames(b)).toEqual(['finished 2'])
  })

  test('late frames of a finished stream are ignored', () => {
    // spec: STT-STR-18
    const { a, b } = createPair()
    const stream = a.open({ unidirectional: true })!
    stream.write(pattern(10))
    stream.end()
    const packet = takePacket(a)!
    deliver(packet, b)
    readAll(b.get(2)!)
    expect(b.has(2)).toBe(false)
    const before = b.getStatistics()
    deliver(packet, b)
    b.onReset(2, 7, 10)
    expect(b.getStatistics()).toEqual(before)
  })
})

describe('credit', () => {
  test('write takes what stream and session accept, and a reader that never reads holds the writer', () => {
    // spec: STT-STR-11
    const { a, b } = createPair({ a: { maxStreamData: 5_000, maxData: 8_000 } })
    const [one, two] = [a.open()!, a.open()!]
    expect(one.write(pattern(6_000))).toBe(5_000)
    expect(two.write(pattern(6_000))).toBe(3_000)
    exchange(a, b)
    expect([one.write(pattern(1)), two.write(pattern(1))]).toEqual([0, 0])
    expect(eventNames(a)).toEqual([])
  })

  test('a writer held by both credits is woken when both came', () => {
    const { a } = createPair({ a: { maxStreamData: 4_000, maxData: 4_000 } })
    const stream = a.open()!
    stream.write(pattern(5_000))
    a.onMaxStreamData(0, 8_000)
    expect(eventNames(a)).toEqual([])
    a.onMaxData(5_000)
    expect(eventNames(a)).toEqual(['writable 0'])
    expect(stream.write(pattern(5_000))).toBe(1_000)
  })

  test('reading gives credit back and wakes the writer, once half a window is due', () => {
    // spec: STT-STR-15
    const { a, b } = createPair({ a: { maxStreamData: 4_000, maxData: 40_000 } })
    const stream = a.open()!
    expect(stream.write(pattern(5_000))).toBe(4_000)
    exchange(a, b, 1_100)
    const reader = b.get(0)!
    const first = reader.read()!
    expect(first.length).toBeLessThan(2_000)
    exchange(a, b)
    expect(eventNames(a)).toEqual([])
    reader.read()
    exchange(a, b)
    expect(eventNames(a)).toEqual(['writable 0'])
    expect(stream.write(pattern(1_000))).toBe(1_000)
  })

  test('an empty write and a smaller one that fits neither lose nor repeat a wake-up', () => {
    const { a, b } = createPair({ a: { maxStreamData: 4_000, maxData: 4_000 } })
    const [waiting, other] = [a.open()!, a.open()!]
    other.write(pattern(4_000))
    expect([waiting.write(pattern(10)), waiting.write(pattern(0))]).toEqual([0, 0])
    exchange(a, b)
    readAll(b.get(4)!)
    exchange(a, b)
    expect(waiting.write(pattern(5))).toBe(5)
    expect(eventNames(a)).toEqual([])
    expect(waiting.write(pattern(5_000))).toBe(3_995)
    exchange(a, b)
    readAll(b.get(0)!)
    exchange(a, b)
    expect(eventNames(a)).toEqual(['writable 0'])
  })

  test('writers that wait for session credit are woken in turn, as far as it reaches', () => {
    const { a, b } = createPair({
      a: {},
      b: { maxStreamData: 4_000, maxData: 4_000, maxStreamsBidi: 3, maxStreamsUni: 0, maxMessage: 0 },
      limits: { maxSessionWindow: 4_000 },
    })
    const streams = [a.open()!, a.open()!, a.open()!]
    streams[0]!.write(pattern(4_000))
    expect([streams[1]!.write(pattern(3_000)), streams[2]!.write(pattern(3_000))]).toEqual([0, 0])
    exchange(a, b)
    readAll(b.get(0)!)
    exchange(a, b)
    const event = a.pollEvent()!
    expect(event).toMatchObject({ type: 'writable', id: 4 })
    expect(streams[1]!.write(pattern(8_000))).toBe(4_000)
    expect(eventNames(a)).toEqual([])
  })

  test('a stream that begins without any credit gets some when it is read', () => {
    const side = { maxStreamData: 0, maxData: 100_000 }
    const { a, b } = createPair({ a: side, limits: { streamWindow: 4_000 } })
    const stream = a.open()!
    expect(stream.write(pattern(5_000))).toBe(0)
    exchange(a, b)
    expect(b.get(0)!.read()).toBeUndefined()
    exchange(a, b)
    expect(eventNames(a)).toEqual(['writable 0'])
    expect(stream.write(pattern(5_000))).toBe(4_000)
  })

  test('a lost MAX_DATA and MAX_STREAM_DATA come again with the newest value, older ones never', () => {
    // spec: STT-STR-17
    const { a, b } = createPair({ a: { maxStreamData: 4_000, maxData: 4_000 } })
    const stream = a.open()!
    stream.write(pattern(4_000))
    exchange(a, b)
    readAll(b.get(0)!)
    const old = takePacket(b)!
    expect(old.sent.map(frame => frame.offset)).toEqual([8_000, 8_000])
    deliver(old, a)
    stream.write(pattern(4_000))
    for (let packet = takePacket(a); packet; packet = takePacket(a)) deliver(packet, b)
    readAll(b.get(0)!)
    const newest = takePacket(b)!
    lose(old, b)
    expect(b.hasFrames()).toBe(false)
    lose(newest, b)
    expect(takePacket(b)!.sent.map(frame => frame.offset)).toEqual(newest.sent.map(frame => frame.offset))
  })

  test('a window that is used up within two round trips doubles, up to its limit', () => {
    // spec: STT-STR-16
    const { a, b } = createPair({
      a: { maxStreamData: 4_000, maxData: 5_000, maxStreamsBidi: 0, maxStreamsUni: 1, maxMessage: 0 },
      limits: { maxStreamWindow: 10_000, maxSessionWindow: 16_000 },
    })
    const stream = a.open({ unidirectional: true })!
    const windows: number[] = []
    for (let now = 0; now < 500; now += 50) {
      stream.write(pattern(20_000))
      for (let packet = takePacket(a); packet; packet = takePacket(a)) deliver(packet, b)
      readAll(b.get(2)!)
      deliver(takePacket(b, 1200, { now, rtt: now < 100 ? 20 : 50 })!, a)
      windows.push(b.get(2)!.getStatistics().receiveWindow)
    }
    expect(windows.slice(0, 4)).toEqual([4_000, 4_000, 8_000, 10_000])
    expect(windows.at(-1)).toBe(10_000)
    // The window of the session grew for it: 10,000 of the stream, and what others must find beside it.
    expect(b.getStatistics().receiveWindow).toBeGreaterThanOrEqual(10_000)
    expect(b.getStatistics().receiveWindow).toBeLessThanOrEqual(16_000)
  })
})

describe('giving up', () => {
  test('RESET drops what waits and gives the unsent part of the session credit back', () => {
    const { a, b } = createPair({ a: {}, b: { maxData: 4_000, maxStreamData: 4_000 } })
    const stream = a.open()!
    stream.write(pattern(4_000))
    const packet = takePacket(a)!
    deliver(packet, b)
    stream.reset(9)
    stream.reset(10)
    expect(a.getStatistics().sendCredit).toBe(4_000 - packet.sent[0]!.length)
    exchange(a, b)
    expect(eventNames(b)).toEqual(['opened 0', 'readable 0', 'reset 0 code 9'])
    const reader = b.get(0)!
    expect([reader.read(), reader.resetCode, reader.readableEnded]).toEqual([undefined, 9, false])
    expect(() => stream.write(pattern(1))).toThrow(expect.objectContaining({ code: 'STT_INVALID_STATE' }))
  })

  test('RESET for a stream that arrived completely changes nothing', () => {
    // spec: STT-STR-19
    const { a, b } = createPair()
    const stream = a.open({ unidirectional: true })!
    stream.write(pattern(100))
    stream.end()
    deliver(takePacket(a)!, b)
    stream.reset(3)
    exchange(a, b)
    expect(eventNames(b)).toEqual(['opened 2', 'readable 2'])
    expect(readAll(b.get(2)!)).toEqual(pattern(100))
  })

  test('STOP is answered by RESET with its code, and what it dropped gives credit back once', () => {
    // spec: STT-STR-20
    const { a, b } = createPair({ a: { maxData: 4_000, maxStreamData: 4_000 } })
    const stream = a.open()!
    stream.write(pattern(3_000))
    const [first, second] = [takePacket(a)!, takePacket(a)!]
    deliver(first, b)
    b.get(0)!.stop(5)
    expect(b.getStatistics().receiveBuffered).toBe(0)
    exchange(a, b)
    expect(eventNames(a)).toEqual(['stopped 0 code 5'])
    expect(stream.stopCode).toBe(5)
    expect(() => stream.write(pattern(1))).toThrow(expect.objectContaining({ code: 'STT_STREAM_STOPPED' }))
    deliver(second, b)
    expect(b.getStatistics().receiveBuffered).toBe(0)
    expect(eventNames(b)).toEqual(['opened 0', 'readable 0'])
    b.get(0)!.end()
    exchange(a, b)
    expect(eventNames(b)).toEqual(['delivered 0', 'finished 0'])
  })

  test('a repeated STOP, or one after the end was acknowledged, changes nothing', () => {
    const { a } = createPair()
    const [stopped, delivered] = [a.open()!, a.open()!]
    stopped.write(pattern(3_000))
    takePacket(a)
    a.onStop(0, 5)
    pollAll(a)
    const { sendCredit } = a.getStatistics()
    a.onStop(0, 6)
    delivered.end()
    acknowledge(takePacket(a)!, a)
    a.onStop(4, 7)
    expect(eventNames(a)).toEqual(['delivered 4'])
    expect([a.getStatistics().sendCredit, stopped.stopCode, delivered.stopCode]).toEqual([sendCredit, 5, undefined])
  })

  test('STOP and MAX_STREAM_DATA are dropped once the final size is known', () => {
    // spec: STT-STR-17
    const { a, b } = createPair({ a: { maxStreamData: 4_000 } })
    const [one, two] = [a.open()!, a.open()!]
    for (const stream of [one, two]) stream.write(pattern(2_500))
    exchange(a, b)
    b.get(0)!.stop(5)
    readAll(b.get(4)!)
    expect(b.hasFrames()).toBe(true)
    for (const stream of [one, two]) stream.end()
    deliver(takePacket(a)!, b)
    expect(b.hasFrames()).toBe(false)
  })

  test('a lost RESET and a lost STOP come again', () => {
    const { a, b } = createPair()
    const stream = a.open()!
    stream.write(pattern(10))
    exchange(a, b)
    stream.reset(1)
    stream.stop(2)
    lose(takePacket(a)!, a)
    exchange(a, b)
    expect(eventNames(b)).toEqual(['opened 0', 'readable 0', 'reset 0 code 1', 'stopped 0 code 2'])
    expect(eventNames(a)).toEqual(['finished 0'])
  })

  test('close drops one stream both ways; closeAll leaves what arrived readable', () => {
    const { a, b } = createPair()
    const [one, two] = [a.open()!, a.open()!]
    one.write(pattern(10))
    two.write(pattern(20))
    exchange(a, b)
    const closed = b.get(0)!
    pollAll(b)
    expect([b.close(0), b.has(0), b.close(0)]).toEqual([true, false, false])
    expect(eventNames(b)).toEqual(['readable 0', 'writable 0'])
    expect([closed.read(), closed.isStopped, closed.error]).toMatchObject([undefined, true, { code: 'STT_CLOSED' }])
    const gone = new Error('the session ended')
    const other = b.get(4)!
    pollAll(b)
    b.closeAll(gone)
    expect(eventNames(b)).toContain('finished 4')
    expect([b.list(), b.hasFrames(), other.error]).toEqual([[], false, gone])
    expect(readAll(other)).toEqual(pattern(20))
    expect(() => other.write(pattern(1))).toThrow(gone)
    expect(() => b.open()).toThrow(expect.objectContaining({ code: 'STT_CLOSED' }))
    deliver({ bytes: Uint8Array.of(8, 8, 0, 1, 1), sent: [] }, b)
    expect(eventNames(b)).toEqual([])
  })

  test('a stream that the application has not seen when the session ends is found until its last event was polled', () => {
    const { a, b } = createPair()
    a.open()!.write(pattern(10))
    exchange(a, b)
    b.closeAll(new Error('the session ended'))
    expect([b.has(0), b.size, b.list()]).toEqual([false, 0, []])
    expect(b.pollEvent()).toEqual({ type: 'opened', id: 0 })
    expect(readAll(b.get(0)!)).toEqual(pattern(10))
    expect(eventNames(b)).toEqual(['readable 0', 'finished 0'])
    expect(b.get(0)).toBeUndefined()
  })

  test('streams without activity expire when limits.streamIdle says so', () => {
    const { a, b } = createPair({ limits: { streamIdle: 1_000 } })
    const [idle, busy] = [a.open()!, a.open()!]
    expect(a.expire(0)).toBe(0)
    busy.write(pattern(1))
    expect(a.expire(999)).toBe(0)
    expect([idle.isExpired(1_000), busy.isExpired(1_000)]).toEqual([true, false])
    expect(a.expire(1_000)).toBe(1)
    expect(a.expire(1_001)).toBe(0)
    expect(idle.error).toMatchObject({ code: 'STT_STREAM_EXPIRED' })
    expect(() => idle.write(pattern(1))).toThrow(idle.error)
    exchange(a, b)
    expect(a.list()).toEqual([busy])
  })

  test('a frame of the peer’s is activity, MAX_STREAM_DATA too', () => {
    const { a } = createPair({ limits: { streamIdle: 1_000 } })
    const [stopped, granted, brought, idle] = Array.from({ length: 4 }, () => a.open()!)
    expect(a.expire(0)).toBe(0)
    a.onStop(stopped!.id, 7)
    a.onMaxStreamData(granted!.id, 2 ** 20)
    brought!.handleIncoming(0, pattern(3), false)
    expect([stopped, granted, brought, idle].map(stream => stream!.isExpired(1_000))).toEqual([
      ...[false, false, false],
      true,
    ])
    expect(a.expire(1_999)).toBe(1)
    expect(a.expire(2_000)).toBe(3)
  })

  test('bytes may be brought and counted from outside, as frames do it', () => {
    const { a, b } = createPair()
    const [both, sending] = [a.open()!, a.open({ unidirectional: true })!]
    both.handleIncoming(2, pattern(3, 2), true)
    both.handleIncoming(0, pattern(3), false)
    expect(eventNames(a)).toEqual(['readable 0'])
    expect(readAll(both)).toEqual(pattern(5))
    both.recordReceivedBytes(10)
    both.recordSentBytes(20)
    expect(both.getStatistics()).toMatchObject({ bytesReceived: 16, bytesSent: 20, bytesRead: 5 })
    expect(both.readableEnded).toBe(true)
    expect(() => both.handleIncoming(5, pattern(1), false)).toThrow(
      expect.objectContaining({ closeCode: CloseCode.FinalSize }),
    )
    expect(() => sending.handleIncoming(0, pattern(1), false)).toThrow(
      expect.objectContaining({ code: 'STT_INVALID_STATE' }),
    )
    // The end that is brought is the end of a stream that has sent everything.
    both.end()
    const other = a.open()!
    other.end()
    exchange(a, b)
    other.handleIncoming(0, pattern(0), true)
    expect([a.has(both.id), a.has(other.id), a.has(sending.id)]).toEqual([false, false, true])
    expect(a.getStatistics()).toMatchObject({ bytesReceived: 16, bytesSent: 20, open: 1, finished: 2 })
  })
})

describe('scheduling', () => {
  test('a higher priority goes first, and inside one each stream has its turn', () => {
    // spec: STT-STR-9
    const { a } = createPair()
    const low = a.open({ priority: 1 })!
    const [one, two] = [a.open({ priority: 5 })!, a.open({ priority: 5 })!]
    for (const stream of [low, one, two]) stream.write(pattern(2_000))
    const order: number[] = []
    for (let packet = takePacket(a, 500); packet; packet = takePacket(a, 500)) order.push(packet.sent[0]!.id)
    expect(order.slice(0, 4)).toEqual([one.id, two.id, one.id, two.id])
    expect(new Set(order.slice(-4))).toEqual(new Set([low.id]))
  })

  test('who lost something has the next turn of its priority', () => {
    const { a } = createPair()
    const [one, two] = [a.open()!, a.open()!]
    one.write(pattern(400))
    const first = takePacket(a, 500)!
    two.write(pattern(2_000))
    lose(first, a)
    expect(takePacket(a, 500)!.sent).toMatchObject([{ id: one.id, offset: 0 }])
  })

  test('a small rest of a packet is left empty rather than filled with a crumb of a longer range', () => {
    const { a } = createPair()
    const [small, large] = [a.open()!, a.open()!]
    small.write(pattern(1_100))
    large.write(pattern(5_000))
    expect(takePacket(a, 1_200)!.sent.length).toBe(1)
    expect(takePacket(a, 1_200)!.sent).toMatchObject([{ id: 4, offset: 0 }])
  })
})

test('frames against the rules of ids are refused with their own codes', () => {
  // spec: STT-STR-2
  const { a } = createPair({ a: { maxStreamsUni: 2 } })
  a.open({ unidirectional: true })
  const data = pattern(1)
  const refuses = (call: () => void, closeCode: number) =>
    expect(call).toThrow(expect.objectContaining({ code: 'STT_PROTOCOL', closeCode }))
  refuses(() => a.onStream(0, 0, data, false), CloseCode.StreamState)
  refuses(() => a.onStop(4, 0), CloseCode.StreamState)
  refuses(() => a.onStream(2, 0, data, false), CloseCode.StreamState)
  refuses(() => a.onReset(2, 0, 0), CloseCode.StreamState)
  refuses(() => a.onStop(3, 0), CloseCode.StreamState)
  refuses(() => a.onMaxStreamData(3, 9), CloseCode.StreamState)
  refuses(() => a.onStream(11, 0, data, false), CloseCode.StreamLimit)
  a.onMaxData(0)
  a.onMaxStreams(true, 0)
  expect(a.open({ unidirectional: true })!.id).toBe(6)
})

test('limits that make no sense are refused', () => {
  const make = () => createPair({ limits: { maxGaps: 0.5 } })
  expect(make).toThrow(expect.objectContaining({ code: 'STT_INVALID_ARGUMENT' }))
  expect(new StreamManager({ role: 'responder', local: limitsWith(), peer: limitsWith() }).hasFrames()).toBe(false)
})

test('statistics are frozen snapshots', () => {
  const { a, b } = createPair()
  const stream = a.open()!
  stream.write(pattern(100))
  exchange(a, b)
  const statistics = b.getStatistics()
  expect(Object.isFrozen(statistics) && Object.isFrozen(stream.getStatistics())).toBe(true)
  expect(statistics).toMatchObject({ open: 1, openedByPeer: 1, bytesReceived: 100, receiveBuffered: 100 })
  expect(stream.getStatistics()).toMatchObject({ bytesWritten: 100, bytesSent: 100, sendBuffered: 0 })
  expect(a.writeFrames(new Uint8Array(10), 0, 10, [], atStart)).toBe(0)
})
