import { describe, expect, test } from 'vitest'
import { decodeFrames } from '../test/frame-value.ts'
import { toHex } from '../test/hex.ts'
import { MAX_JOIN_FRAME_SIZE, writeAck, writeClose, writeJoin } from './frame-writer.ts'
import { MAX_VARINT } from './varint.ts'

describe('writeAck', () => {
  // spec: STT-FRM-8
  test('gaps and lengths are those of RFC 9000 §19.3.1', () => {
    const buffer = new Uint8Array(64)
    const end = writeAck(buffer, 0, 64, [10, 8, 5, 5, 3, 0], 1_000)
    // largest 10, delay 1000, two further ranges, 2 below the largest; then two missing, one number; one missing, three below
    expect(toHex(buffer.subarray(0, end))).toBe('02' + '0a' + '43e8' + '02' + '02' + '0100' + '0003')
  })

  test('with little room the newest ranges are kept, and the limit is never passed', () => {
    const ranges = Array.from({ length: 100 }, (_, i) => [10_000 - 4 * i, 9_999 - 4 * i]).flat()
    const buffer = new Uint8Array(1_000)
    let most = 0
    for (let limit = 0; limit <= 400; limit++) {
      const end = writeAck(buffer, 7, 7 + limit, ranges, 0)
      expect(end).toBeLessThanOrEqual(7 + limit)
      if (end === 7) {
        expect(limit).toBeLessThan(10)
        continue
      }
      const [ack] = decodeFrames(buffer, 7, end).frames
      if (ack?.type !== 'ACK') throw new Error('no ACK was read back')
      const kept = ack.ranges
      expect(kept.flat()).toEqual(ranges.slice(0, 2 * kept.length))
      expect(kept.length).toBeGreaterThanOrEqual(most)
      // A further range takes two bytes here, and the count one more than it needs.
      if (kept.length < 100) expect(7 + limit - end).toBeLessThan(4)
      most = kept.length
    }
    expect(most).toBe(100)
  })

  test('no more ranges than a count of two bytes can say', () => {
    const ranges = Array.from({ length: 20_000 }, (_, i) => [100_000 - 4 * i, 99_999 - 4 * i]).flat()
    const buffer = new Uint8Array(100_000)
    const end = writeAck(buffer, 0, buffer.length, ranges, 0)
    const [ack] = decodeFrames(buffer, 0, end).frames
    if (ack?.type !== 'ACK') throw new Error('no ACK was read back')
    expect(ack.ranges).toHaveLength(16_384)
  })
})

describe('writeJoin', () => {
  test('the largest has the size that is announced', () => {
    expect(writeJoin(new Uint8Array(20), 3, MAX_VARINT, 255)).toBe(3 + MAX_JOIN_FRAME_SIZE)
  })

  // spec: STT-FRM-15
  test.each([
    [0, 1],
    [1, 256],
    [1, -1],
    [1, 1.5],
  ])('serial %s and kind %s are refused', (serial, kind) => {
    expect(() => writeJoin(new Uint8Array(20), 0, serial, kind)).toThrowError(
      expect.objectContaining({ code: 'STT_INVALID_ARGUMENT' }),
    )
  })
})

describe('writeClose', () => {
  // spec: STT-FRM-12
  test('a reason has at most 256 bytes', () => {
    const buffer = new Uint8Array(300)
    expect(writeClose(buffer, 0, true, 0, new Uint8Array(256).fill(0x61))).toBe(261)
    expect(() => writeClose(buffer, 0, true, 0, new Uint8Array(257))).toThrowError(
      expect.objectContaining({ code: 'STT_INVALID_ARGUMENT' }),
    )
  })
})
