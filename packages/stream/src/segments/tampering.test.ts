import { describe, expect, test } from 'vitest'
import { pattern } from '../../test/pair.ts'
import { coded, context, decoderWith, encoderWith, key, open, saltOf, seal } from '../../test/segments.ts'
import { openSegments, StreamDecoder, StreamEncoder } from './index.ts'

const parts = [pattern(40), pattern(20, 40)]
const whole = pattern(60)
/** Header, segments of 16, 16 and 8 bytes, the end of the key, 16 and 4 bytes, the end. */
const pieces = seal(parts, { segmentSize: 16 })
const other = seal(parts, { segmentSize: 16, entropy: saltOf(2) })

/** The plaintext of the pieces before the one at `index`. */
const before = (index: number): Uint8Array => whole.subarray(0, [0, 0, 16, 32, 40, 40, 56, 60][index])

describe('refused, with everything good before it given', () => {
  test('each byte of each piece flipped', () => {
    // spec: STT-SEG-26 STT-SEG-27
    for (const [index, piece] of pieces.entries()) {
      for (let at = 0; at < piece.length; at++) {
        const changed = piece.slice()
        changed[at]! ^= 0x41
        const result = open(pieces.with(index, changed), decoderWith())
        expect(result).toEqual({ bytes: before(index), code: 'STT_AUTHENTICATION' })
      }
    }
  })

  test('each byte of the stream flipped, carried as bytes', () => {
    const stream = Uint8Array.from(pieces.flatMap(piece => [...piece]))
    for (let at = 0; at < stream.length; at++) {
      const changed = stream.slice()
      changed[at]! ^= 0x01
      expect(() => openSegments(changed, { key, context })).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^STT_(AUTHENTICATION|TRUNCATED)$/) }),
      )
    }
  })

  test('each segment left out', () => {
    // spec: STT-SEG-28
    for (let index = 1; index < pieces.length - 1; index++)
      expect(open(pieces.toSpliced(index, 1), decoderWith())).toEqual({
        bytes: before(index),
        code: 'STT_SEGMENT_MISSING',
      })
  })

  test('each segment doubled', () => {
    for (let index = 1; index < pieces.length; index++)
      expect(open(pieces.toSpliced(index, 0, pieces[index]!), decoderWith())).toEqual({
        bytes: before(index + 1) ?? whole,
        code: 'STT_SEGMENT_REPLAYED',
      })
  })

  test('each two neighbours swapped', () => {
    for (let index = 1; index < pieces.length - 1; index++)
      expect(open(pieces.toSpliced(index, 2, pieces[index + 1]!, pieces[index]!), decoderWith())).toEqual({
        bytes: before(index),
        code: 'STT_SEGMENT_MISSING',
      })
  })

  test('each segment of another stream, and its header', () => {
    for (let index = 1; index < pieces.length; index++)
      expect(open(pieces.with(index, other[index]!), decoderWith())).toEqual({
        bytes: before(index),
        code: 'STT_AUTHENTICATION',
      })
    expect(open(pieces.with(0, other[0]!), decoderWith()).code).toBe('STT_AUTHENTICATION')
  })

  test('ends cut: whole pieces from the end, and every number of bytes', () => {
    // spec: STT-SEG-29
    for (let count = 1; count < pieces.length; count++)
      expect(open(pieces.slice(0, count), decoderWith())).toEqual({ bytes: before(count), code: 'STT_TRUNCATED' })
    const stream = Uint8Array.from(pieces.flatMap(piece => [...piece]))
    for (let length = 0; length < stream.length; length++)
      expect(() => openSegments(stream.subarray(0, length), { key, context })).toThrow(coded('STT_TRUNCATED'))
  })

  test('another key, another context, the context of the other direction', () => {
    const wrongKey = key.slice()
    wrongKey[31]! ^= 1
    expect(open(pieces, decoderWith({ key: wrongKey })).code).toBe('STT_AUTHENTICATION')
    expect(open(pieces, decoderWith({ context: context.subarray(1) })).code).toBe('STT_AUTHENTICATION')
    expect(open(pieces, decoderWith({ context: new Uint8Array(0) })).code).toBe('STT_AUTHENTICATION')
  })

  test('what follows the end', () => {
    const ended = seal([pattern(16)], { segmentSize: 16 })
    const longer = encoderWith({ segmentSize: 16 }).encode(pattern(48))
    expect(open([...ended, longer[3]!], decoderWith())).toEqual({ bytes: pattern(16), code: 'STT_AUTHENTICATION' })
  })
})

test('a refused piece changes nothing: the right one can follow', () => {
  const decoder = decoderWith()
  decoder.decode(pieces[0]!)
  const forged = pieces[1]!.slice()
  forged[20]! ^= 1
  expect(() => decoder.decode(forged)).toThrow(coded('STT_AUTHENTICATION'))
  expect(() => decoder.decode(pieces[2]!)).toThrow(coded('STT_SEGMENT_MISSING'))
  expect(decoder.decode(pieces[1]!)).toEqual([pattern(16)])
  expect(() => decoder.decode(pieces[1]!)).toThrow(coded('STT_SEGMENT_REPLAYED'))
  expect(decoder.getStatistics()).toMatchObject({ segments: 1, rejected: 1, replayed: 1, bytesOut: 16, epoch: 0 })
})

test('an epoch far ahead makes no keys without end', () => {
  const decoder = decoderWith()
  decoder.decode(pieces[0]!)
  const forged = pieces[1]!.slice()
  forged.fill(0xff, 4, 8)
  forged.fill(0x0f, 9, 16)
  expect(() => decoder.decode(forged)).toThrow(coded('STT_AUTHENTICATION'))
})

test('a segment of an old epoch is a replay, though its key is gone', () => {
  const decoder = decoderWith()
  for (const piece of pieces.slice(0, 6)) decoder.decode(piece)
  expect(decoder.getStatistics().epoch).toBe(1)
  expect(() => decoder.decode(pieces[1]!)).toThrow(coded('STT_SEGMENT_REPLAYED'))
})

describe('misuse', () => {
  test('keys and sizes out of range', () => {
    expect(() => encoderWith({ key: key.subarray(1) })).toThrow(coded('STT_INVALID_ARGUMENT'))
    expect(() => encoderWith({ segmentSize: 65_537 })).toThrow(coded('STT_INVALID_ARGUMENT'))
    expect(() => encoderWith({ segmentSize: 0 })).toThrow(coded('STT_INVALID_ARGUMENT'))
    expect(() => decoderWith({ reorder: -1 })).toThrow(coded('STT_INVALID_ARGUMENT'))
  })

  test('calls after the end', () => {
    const encoder = new StreamEncoder({ key, context })
    encoder.end()
    for (const call of [() => encoder.encode(pattern(1)), () => encoder.end(), () => encoder.rotateKeys()])
      expect(call).toThrow(coded('STT_INVALID_STATE'))
    const decoder = new StreamDecoder({ key, context })
    expect(() => decoder.end()).toThrow(coded('STT_TRUNCATED'))
    expect(() => decoder.decode(pieces[0]!)).toThrow(coded('STT_INVALID_STATE'))
  })

  test('a piece where the header should be', () => {
    expect(() => decoderWith().decode(pieces[1]!)).toThrow(coded('STT_TRUNCATED'))
  })

  test('the caller’s key is neither kept nor wiped', () => {
    const mine = key.slice()
    const decoder = decoderWith({ key: mine })
    const encoder = encoderWith({ key: mine })
    encoder.end()
    decoder.dispose()
    expect(mine).toEqual(key)
  })
})
