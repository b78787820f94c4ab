import { concatBytes } from '@stt/crypto'
import { describe, expect, test } from 'vitest'
import { pattern } from '../../test/pair.ts'
import { coded, decoderWith, seal } from '../../test/segments.ts'

describe('segments behind a lost one', () => {
  test('are given when the reader asks for them, which says what is missing', () => {
    // spec: STT-SEG-30
    const [header, ...segments] = seal([pattern(100)], { segmentSize: 10 })
    const decoder = decoderWith({ reorder: 20 })
    decoder.decode(header!)
    for (const i of [0, 3, 4, 8]) decoder.decode(segments[i]!)
    const first = decoder.skipMissing()!
    expect(first.missing).toEqual({ first: 1, last: 2 })
    expect(concatBytes(first.bytes)).toEqual(pattern(20, 30))
    expect(decoder.missing).toEqual([{ first: 5, last: 7 }])
    expect(() => decoder.decode(segments[1]!)).toThrow(coded('STT_SEGMENT_REPLAYED'))
    expect(concatBytes(decoder.decode(segments[5]!))).toEqual(pattern(10, 50))
    const second = decoder.skipMissing()!
    expect([second.missing, concatBytes(second.bytes)]).toEqual([{ first: 6, last: 7 }, pattern(10, 80)])
    expect(decoder.skipMissing()).toBeUndefined()
    decoder.decode(segments[9]!)
    decoder.decode(segments[10]!)
    expect([decoder.ended, decoder.missing]).toEqual([true, []])
    expect(decoder.skipped).toEqual([
      { first: 1, last: 2 },
      { first: 6, last: 7 },
    ])
    expect(decoder.getStatistics()).toMatchObject({ skipped: 4, segments: 7, held: 0 })
  })

  test('leave the stream incomplete: its end says so, with all that is missing', () => {
    // spec: STT-SEG-29 STT-SEG-30
    const [header, ...segments] = seal([pattern(60)], { segmentSize: 10 })
    const decoder = decoderWith({ reorder: 20 })
    decoder.decode(header!)
    for (const i of [1, 3, 6]) decoder.decode(segments[i]!)
    decoder.skipMissing()
    expect(() => decoder.end()).toThrow(
      expect.objectContaining({ code: 'STT_SEGMENT_MISSING', details: { missing: '0, 2, 4-5' } }),
    )
    expect(() => decoder.skipMissing()).toThrow(coded('STT_INVALID_STATE'))
  })

  test('are found under the keys that changed in between', () => {
    const parts = Array.from({ length: 6 }, (_, i) => pattern(5, i * 5))
    // Each part is a segment, and between two of them one ends the key.
    const [header, ...segments] = seal(parts)
    const decoder = decoderWith({ reorder: 100 })
    decoder.decode(header!)
    decoder.decode(segments[0]!)
    for (const segment of segments.slice(6)) decoder.decode(segment)
    const { missing, bytes } = decoder.skipMissing()!
    expect([missing, concatBytes(bytes)]).toEqual([{ first: 1, last: 5 }, pattern(15, 15)])
    expect([decoder.ended, decoder.getStatistics().epoch]).toEqual([true, 5])
  })

  test('do not open out of their place', () => {
    const one = seal([pattern(60)], { segmentSize: 10 })
    const other = seal([pattern(60, 60)], { segmentSize: 10, entropy: length => new Uint8Array(length).fill(9) })
    const decoder = decoderWith({ reorder: 20 })
    decoder.decode(one[0]!)
    expect(() => decoder.decode(other[4]!)).toThrow(coded('STT_AUTHENTICATION'))
    expect(decoder.skipMissing()).toBeUndefined()
  })
})
