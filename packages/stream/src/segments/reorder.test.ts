import { cke, concatBytes } from '@stt/crypto'
import { createRandom } from '@stt/testing'
import { describe, expect, test } from 'vitest'
import { pattern } from '../../test/pair.ts'
import { coded, decoderWith, encoderWith, key, open, saltOf, seal } from '../../test/segments.ts'
import { StreamDecoder, StreamEncoder } from './index.ts'

const MIB = 1024 * 1024

describe('out of order, within the window', () => {
  test.each(Array.from({ length: 12 }, (_, seed) => [seed]))(
    '1 MiB in 4 KiB segments, key changes inside, seed %i',
    seed => {
      const random = createRandom(seed)
      const whole = pattern(MIB, seed)
      const parts = [whole.subarray(0, 300_000), whole.subarray(300_000, 300_001), whole.subarray(300_001)]
      const [header, ...segments] = seal(parts, { segmentSize: 4096 })
      const window = 1 + random.integer(40)
      const decoder = decoderWith({ reorder: window })
      decoder.decode(header!)
      const opened: Uint8Array[] = []
      for (const index of shuffledWithin(segments.length, window, below => random.integer(below))) {
        opened.push(...decoder.decode(segments[index]!))
        expect(decoder.getStatistics().held).toBeLessThanOrEqual(window)
      }
      decoder.end()
      expect(Buffer.compare(concatBytes(opened), whole)).toBe(0)
    },
  )

  test('a lost segment is listed, and what follows it is kept until it comes', () => {
    // spec: STT-SEG-28
    const [header, ...segments] = seal([pattern(100)], { segmentSize: 10 })
    const decoder = decoderWith({ reorder: 20 })
    decoder.decode(header!)
    expect([0, 3, 4, 8].map(i => decoder.decode(segments[i]!).length)).toEqual([1, 0, 0, 0])
    expect(decoder.missing).toEqual([
      { first: 1, last: 2 },
      { first: 5, last: 7 },
    ])
    decoder.decode(segments[2]!)
    expect(decoder.missing).toEqual([
      { first: 1, last: 1 },
      { first: 5, last: 7 },
    ])
    expect(concatBytes(decoder.decode(segments[1]!))).toEqual(pattern(40, 10))
    expect(() => decoder.end()).toThrow(
      expect.objectContaining({ code: 'STT_SEGMENT_MISSING', details: { missing: '5-7' } }),
    )
  })

  test('a segment beyond the window is refused and can come later', () => {
    const [header, ...segments] = seal([pattern(100)], { segmentSize: 10 })
    const decoder = decoderWith({ reorder: 2 })
    decoder.decode(header!)
    expect(() => decoder.decode(segments[3]!)).toThrow(coded('STT_SEGMENT_MISSING'))
    decoder.decode(segments[0]!)
    expect(decoder.decode(segments[3]!)).toEqual([])
    expect(() => decoder.decode(segments[3]!)).toThrow(coded('STT_SEGMENT_REPLAYED'))
    decoder.decode(segments[1]!)
    expect(concatBytes(decoder.decode(segments[2]!))).toEqual(pattern(20, 20))
  })

  test('segments of later epochs open before the last of an earlier one came', () => {
    const parts = Array.from({ length: 20 }, (_, i) => pattern(5, i * 5))
    const [header, ...segments] = seal(parts)
    const decoder = decoderWith({ reorder: 100 })
    decoder.decode(header!)
    const opened = segments.toReversed().flatMap(segment => decoder.decode(segment))
    decoder.end()
    expect(concatBytes(opened)).toEqual(pattern(100))
    expect(decoder.getStatistics().epoch).toBe(19)
  })
})

test('three streams at once, and both directions on one id, never open as one another', () => {
  const exporter = new Uint8Array(32).fill(9)
  const to = new TextEncoder().encode('to the server')
  const back = new TextEncoder().encode('to the client')
  const streams = [
    { key: cke.streamContext(exporter, 0), context: to },
    { key: cke.streamContext(exporter, 4), context: to },
    { key: cke.streamContext(exporter, 4), context: back },
  ]
  const sealed = streams.map((options, i) => {
    const encoder = new StreamEncoder({ ...options, segmentSize: 100, entropy: saltOf(7) })
    return [...encoder.encode(pattern(1_000, i * 10_000)), ...encoder.end()]
  })
  const decoders = streams.map(options => new StreamDecoder(options))
  const opened: Uint8Array[][] = [[], [], []]
  for (let n = 0; n < sealed[0]!.length; n++)
    for (const [i, decoder] of decoders.entries()) {
      for (const j of [0, 1, 2])
        if (j !== i) expect(() => decoder.decode(sealed[j]![n]!)).toThrow(coded('STT_AUTHENTICATION'))
      opened[i]!.push(...decoder.decode(sealed[i]![n]!))
    }
  for (const [i, decoder] of decoders.entries()) {
    decoder.end()
    expect(concatBytes(opened[i]!)).toEqual(pattern(1_000, i * 10_000))
  }
})

test('the same bytes never give the same stream', () => {
  const first = encoderWith({ entropy: saltOf(1) }).encode(pattern(100))
  const second = encoderWith({ entropy: saltOf(2) }).encode(pattern(100))
  expect(first[1]).not.toEqual(second[1])
  expect(open([...first.slice(0, 1), second[1]!], decoderWith({ key })).code).toBe('STT_AUTHENTICATION')
})

/** Each index once, none more than `window` places before an earlier one. */
function shuffledWithin(count: number, window: number, integer: (below: number) => number): number[] {
  const waiting = Array.from({ length: count }, (_, i) => i)
  const order: number[] = []
  while (waiting.length > 0) {
    const reach = waiting.findIndex(index => index > waiting[0]! + window)
    order.push(...waiting.splice(integer(reach < 0 ? waiting.length : reach), 1))
  }
  return order
}
