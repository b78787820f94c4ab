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

  test('what was read is the reader’s: later bytes never appear in it', () => {
    const buffer = new ReceiveBuffer()
    buffer.insert(0, pattern(10), manyGaps)
    buffer.insert(20, pattern(10, 20), manyGaps)
    const first = buffer.read()!
    buffer.insert(10, pattern(10, 10), manyGaps)
    const second = buffer.read()!
    expect(first.buffer).not.toBe(second.buffer)
    expect(concatBytes([first, second])).toEqual(pattern(30))
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

  test('memory follows the credit used and not the number of frames, whatever a peer does', () => {
    const piece = fc.record({
      offset: fc.nat(30_000),
      length: fc.constantFrom(1, 2, 64, 1023, 1024, 1300),
      step: fc.constantFrom(-1025, -65, -2, -1, 1, 2, 3, 65, 1025),
      times: fc.nat(300),
      read: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), pieces => {
        const buffer = new ReceiveBuffer()
        const bytes = new Uint8Array(1300)
        let highest = 0
        for (const { offset, length, step, times, read } of pieces) {
          for (let i = 0; i < times; i++) {
            const at = offset + i * step
            if (at < 0) break
            buffer.insert(at, bytes.subarray(0, length), manyGaps)
            highest = Math.max(highest, at + length)
          }
          if (read) buffer.read()
          const credit = highest - buffer.readOffset
          expect(buffer.cost).toBeLessThanOrEqual(4 * credit + 16 * buffer.gaps + 8_192)
        }
      }),
      { numRuns: 200 },
    )
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
