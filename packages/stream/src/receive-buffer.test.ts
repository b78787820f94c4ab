import { concatBytes } from '@stt/crypto'
import { CloseCode } from '@stt/frame'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pattern } from '../test/pair.ts'
import { ReceiveBuffer } from './receive-buffer.ts'

const manyGaps = 100_000

describe('reassembly', () => {
  test('any order, duplicates and overlaps give the stream, however it is read', () => {
    // spec: STT-STR-6
    const piece = fc.record({ offset: fc.nat(9_000), length: fc.oneof(fc.nat(20), fc.nat(3_000)), read: fc.nat(3) })
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), pieces => {
        const buffer = new ReceiveBuffer()
        const whole = pattern(12_000)
        const read: Uint8Array[] = []
        for (const { offset, length, read: how } of pieces) {
          buffer.insert(offset, whole.subarray(offset, offset + length), manyGaps)
          if (how === 1) read.push(...allOf(buffer))
          if (how === 2) read.push(into(buffer, 700))
          if (how === 3) read.push(buffer.read() ?? new Uint8Array(0))
        }
        buffer.insert(0, whole, manyGaps)
        read.push(...allOf(buffer))
        expect(Buffer.compare(concatBytes(read), whole)).toBe(0)
        expect([buffer.readOffset, buffer.readyOffset, buffer.gaps, buffer.cost]).toEqual([12_000, 12_000, 0, 0])
      }),
    )
  })

  test('the first copy of a byte wins', () => {
    // spec: STT-STR-7
    const piece = fc.record({ offset: fc.nat(300), length: fc.nat(80), value: fc.nat(255) })
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), pieces => {
        const buffer = new ReceiveBuffer()
        const model: (number | undefined)[] = new Array(400).fill(undefined)
        for (const { offset, length, value } of pieces) {
          buffer.insert(offset, new Uint8Array(length).fill(value), manyGaps)
          for (let i = offset; i < offset + length; i++) model[i] ??= value
        }
        buffer.insert(0, new Uint8Array(400), manyGaps)
        expect([...concatBytes(allOf(buffer))]).toEqual(model.map(value => value ?? 0))
      }),
    )
  })

  test.each([
    ['is cut', 20],
    ['stays', 50],
  ])('what was read is the reader’s: later bytes never appear in it, where its block %s', (_, early) => {
    const buffer = new ReceiveBuffer()
    buffer.insert(0, pattern(10), manyGaps)
    buffer.insert(early, pattern(10, early), manyGaps)
    const first = buffer.read()!
    buffer.insert(10, pattern(early - 10, 10), manyGaps)
    const second = buffer.read()!
    expect(first.buffer).not.toBe(second.buffer)
    expect(concatBytes([first, second])).toEqual(pattern(early + 10))
  })

  test('large pieces in order are handed over as they were stored, with one copy of the packet’s bytes', () => {
    const buffer = new ReceiveBuffer()
    const packet = pattern(65_000)
    buffer.insert(0, packet, manyGaps)
    const chunk = buffer.read()!
    expect([chunk.length, chunk.buffer.byteLength, chunk.buffer === packet.buffer]).toEqual([65_000, 65_000, false])
  })

  test('what fills at least half of memory that may be kept is not copied, in order or not', () => {
    const buffer = new ReceiveBuffer()
    const packets = [pattern(40_000, 10_000), pattern(40_000, -10_000), pattern(40_000, 30_001)]
    buffer.insert(20_000, packets[0]!.subarray(10_000, 30_000), manyGaps, true)
    buffer.insert(0, packets[1]!.subarray(10_000, 30_000), manyGaps, true)
    buffer.insert(40_000, packets[2]!.subarray(9_999, 29_998), manyGaps, true)
    const chunks = allOf(buffer)
    expect(chunks.map(({ buffer }) => packets.findIndex(packet => packet.buffer === buffer))).toEqual([1, 0, -1])
    expect(concatBytes(chunks)).toEqual(pattern(59_999))
    expect(buffer.cost).toBe(0)
  })

  test('a kept packet is charged for all of its memory', () => {
    const buffer = new ReceiveBuffer()
    buffer.insert(0, pattern(40_000).subarray(10_000, 30_000), manyGaps, true)
    expect(buffer.cost).toBe(40_000 + 256)
  })

  test('small packets that wait together share blocks, each as large as what waits', () => {
    const buffer = new ReceiveBuffer()
    for (let i = 0; i < 40; i++) buffer.insert(i * 1_410, pattern(1_410, i * 1_410), manyGaps)
    expect(buffer.cost).toBeLessThan(2 * 40 * 1_410)
    const chunks = allOf(buffer)
    expect(chunks.map(({ length }) => length)).toEqual([1_410, 2_686, 4_096, 8_192, 16_384, 23_632])
    expect(concatBytes(chunks)).toEqual(pattern(40 * 1_410))
  })

  test('of memory that may be kept, only what is new counts', () => {
    const buffer = new ReceiveBuffer()
    const packet = pattern(20_000)
    buffer.insert(0, packet.subarray(0, 11_000), manyGaps)
    buffer.insert(0, packet, manyGaps, true)
    const [first, rest] = allOf(buffer)
    expect([first!.length, rest!.length, rest!.buffer === packet.buffer]).toEqual([11_000, 9_000, false])
  })

  test('peeking leaves the bytes in place', () => {
    const buffer = new ReceiveBuffer()
    for (let i = 0; i < 200; i++) buffer.insert(i, pattern(1, i), manyGaps)
    const ahead = new Uint8Array(150)
    buffer.peekInto(ahead)
    expect([buffer.peek(), ahead]).toEqual([pattern(1)[0], pattern(150)])
    expect(concatBytes(allOf(buffer))).toEqual(pattern(200))
  })
})

describe('bounds', () => {
  test('more gaps than allowed end the session', () => {
    // spec: STT-STR-10
    const buffer = new ReceiveBuffer()
    for (let i = 1; i <= 1024; i++) buffer.insert(i * 2, pattern(1), 1024)
    expect(buffer.gaps).toBe(1024)
    expect(() => buffer.insert(4_000, pattern(1), 1024)).toThrow(
      expect.objectContaining({ closeCode: CloseCode.GapLimit }),
    )
  })

  const piece = fc.record({
    offset: fc.oneof(fc.nat(70_000), fc.constantFrom(0, 33_000, 65_536, 65_600)),
    length: fc.constantFrom(1, 2, 64, 1023, 1024, 1300),
    step: fc.constantFrom(-1025, -65, -2, -1, 1, 2, 3, 65, 1025),
    times: fc.nat(300),
    read: fc.boolean(),
  })
  type Piece = typeof piece extends fc.Arbitrary<infer T> ? T : never

  /** Lets bytes arrive and be read; calls `check` after each step with the buffer and the highest offset. */
  function play(
    pieces: readonly Piece[],
    limit: number,
    tight: boolean,
    check: (b: ReceiveBuffer, high: number) => void,
  ) {
    const buffer = new ReceiveBuffer()
    const bytes = new Uint8Array(65_536)
    let highest = 0
    for (const { offset, length, step, times, read } of pieces) {
      for (let i = 0; i < times; i++) {
        const at = offset + i * step
        if (at < 0 || at + length > limit) break
        buffer.insert(at, bytes.subarray(0, length), manyGaps, i % 3 === 0, limit, tight)
        highest = Math.max(highest, at + length)
        check(buffer, highest)
      }
      if (read) buffer.read(tight)
      check(buffer, highest)
    }
  }

  test('memory follows the credit used and not the number of frames, whatever a peer does', () => {
    const law = (pieces: readonly Piece[]): void =>
      play(pieces, Number.MAX_SAFE_INTEGER, false, (buffer, highest) => {
        const credit = highest - buffer.readOffset
        expect(buffer.cost).toBeLessThanOrEqual(4 * credit + 16 * buffer.gaps + 8_192)
      })
    fc.assert(fc.property(fc.array(piece, { maxLength: 12 }), law), {
      numRuns: 200,
      examples: [
        [
          [
            { offset: 7790, length: 1300, step: -1025, times: 7, read: false },
            { offset: 15427, length: 64, step: 3, times: 299, read: false },
            { offset: 0, length: 1024, step: -1025, times: 1, read: false },
            { offset: 9090, length: 1024, step: -1025, times: 9, read: true },
          ],
        ],
        [
          [
            { offset: 0, length: 1300, step: 1025, times: 42, read: false },
            { offset: 65536, length: 1, step: -1025, times: 2, read: false },
            { offset: 0, length: 1, step: -1025, times: 0, read: true },
          ],
        ],
        [
          [
            { offset: 66886, length: 1023, step: -1025, times: 3, read: false },
            { offset: 50225, length: 1300, step: -1025, times: 300, read: true },
          ],
        ],
      ],
    })
  })

  test('a block that was read but for a few early bytes does not stay', () => {
    const buffer = new ReceiveBuffer()
    buffer.insert(0, pattern(60_000), manyGaps)
    buffer.read()
    buffer.insert(65_530, pattern(1, 65_530), manyGaps)
    for (let i = 60_000; i < 65_529; i += 1_000) buffer.insert(i, pattern(Math.min(1_000, 65_529 - i), i), manyGaps)
    buffer.insert(70_000, pattern(1, 70_000), manyGaps)
    while (buffer.read() !== undefined);
    expect(buffer.readOffset).toBe(65_529)
    expect(buffer.cost).toBeLessThan(4 * (70_001 - 65_529) + 1_024)
    buffer.insert(65_529, pattern(1, 65_529), manyGaps)
    expect(concatBytes(allOf(buffer))).toEqual(pattern(2, 65_529))
  })

  test.each([
    ['that comes next', 65_600, 64],
    ['that comes behind a gap', 65_600, 1_300],
    ['that is read in part', 33_100, 1_000],
  ])('a block %s is no larger than what is left of the backlog that it was made for', (_, far, step) => {
    for (const into of [false, true]) {
      const buffer = new ReceiveBuffer()
      buffer.insert(far, pattern(1, far), manyGaps)
      for (let at = 0; at + step < far; at += step) buffer.insert(at, pattern(step, at), manyGaps)
      if (into) buffer.readInto(new Uint8Array(far), 0, far)
      else while (buffer.read() !== undefined);
      const { readOffset } = buffer
      expect(buffer.cost).toBeLessThanOrEqual(4 * (far + 1 - readOffset) + 512)
      buffer.insert(readOffset, pattern(far - readOffset, readOffset), manyGaps)
      expect(concatBytes(allOf(buffer))).toEqual(pattern(far + 1 - readOffset, readOffset))
    }
  })

  test('where memory is scarce, it is what the peer may send, and little beside', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.constantFrom(16_384, 40_000), (pieces, limit) =>
        play(pieces, limit, true, (buffer, highest) => {
          const rest = limit - buffer.readOffset
          expect(buffer.cost - buffer.overhead - 16 * buffer.gaps).toBeLessThanOrEqual(rest)
          expect(buffer.overhead).toBeLessThanOrEqual(256 * 4)
          expect(highest).toBeLessThanOrEqual(limit)
        }),
      ),
      { numRuns: 100 },
    )
  })

  test('tight buffers give the same bytes', () => {
    const buffer = new ReceiveBuffer()
    const whole = pattern(20_000)
    const read: Uint8Array[] = []
    for (let at = 0; at < 20_000; at += 100) {
      const place = at % 200 === 0 ? Math.min(at + 100, 19_900) : at - 100
      buffer.insert(place, whole.subarray(place, place + 100), manyGaps, true, 20_000, true)
      for (let chunk = buffer.read(true); chunk !== undefined; chunk = buffer.read(true)) read.push(chunk)
    }
    expect(concatBytes(read)).toEqual(whole)
    expect(buffer.cost).toBe(0)
  })

  test('clear drops everything and keeps the place', () => {
    const buffer = new ReceiveBuffer()
    buffer.insert(0, pattern(100), manyGaps)
    buffer.insert(200, pattern(100), manyGaps)
    buffer.clear()
    expect([buffer.read(), buffer.cost, buffer.readOffset]).toEqual([undefined, 0, 100])
  })
})

function allOf(buffer: ReceiveBuffer): Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let chunk = buffer.read(); chunk !== undefined; chunk = buffer.read()) chunks.push(chunk)
  return chunks
}

function into(buffer: ReceiveBuffer, length: number): Uint8Array {
  const target = new Uint8Array(length + 1)
  return target.subarray(1, 1 + buffer.readInto(target, 1, length))
}
