import { concatBytes } from '@stt/crypto'
import { describe, expect, test } from 'vitest'
import { pattern } from '../../test/pair.ts'
import { coded, context, decoderWith, encoderWith, key } from '../../test/segments.ts'
import { decodeFrom, encodeFrom, openSegments, StreamDecoder, StreamEncoder, sealSegments } from './index.ts'
import { readSegmentHeader, writeSegmentHeader } from './segment-layout.ts'

const refused = coded('STT_INVALID_ARGUMENT')

describe('bytes in any form', () => {
  const source = pattern(12)

  test.each([
    ['an ArrayBuffer', source.slice().buffer],
    ['a DataView', new DataView(source.slice().buffer)],
    ['a Uint16Array', new Uint16Array(source.slice().buffer)],
  ])('%s is sealed and opened by the bytes it covers', async (_name, bytes) => {
    expect(openSegments(sealSegments(bytes as never, { key, context }), { key, context })).toEqual(source)
    const opened: Uint8Array[] = []
    const sealed = encodeFrom(encoderWith(), [bytes as never])
    for await (const chunk of decodeFrom(decoderWith(), sealed)) opened.push(chunk)
    expect(concatBytes(opened)).toEqual(source)
  })

  test.each([['text'], [7], [undefined], [null], [[1, 2]]])('%o is refused, and nothing is sealed', async bad => {
    const encoder = encoderWith()
    expect(() => encoder.encode(bad as never)).toThrow(refused)
    expect(() => decoderWith().decode(bad as never)).toThrow(refused)
    expect(() => openSegments(bad as never, { key, context })).toThrow(refused)
    await expect(encodeFrom(encoderWith(), [bad as never]).next()).rejects.toThrow(refused)
    expect(encoder.getStatistics()).toMatchObject({ segments: 0, bytesOut: 0 })
  })
})

test.each([
  ['a misspelt option', { segmentsize: 3 }],
  ['a text for a context', { context: 'backup' }],
  ['a text of 32 characters for a key', { key: 'x'.repeat(32) }],
  ['a short key', { key: new Uint8Array(31) }],
  ['no key', { key: undefined }],
])('%s is refused by both ends', (_name, wrong) => {
  expect(() => new StreamEncoder({ key, context, ...wrong } as never)).toThrow(refused)
  expect(() => new StreamDecoder({ key, context, ...wrong } as never)).toThrow(refused)
})

describe('numbers of the format, at both of their edges', () => {
  test('a segment holds 65,536 bytes and no more', () => {
    // spec: STT-SEG-22
    expect(encoderWith().encode(new Uint8Array(65_536)).length).toBe(2)
    expect(encoderWith().encode(new Uint8Array(65_537)).length).toBe(3)
    expect(() => encoderWith({ segmentSize: 65_537 })).toThrow(refused)
    expect(() => encoderWith({ segmentSize: 0 })).toThrow(refused)
    expect(encoderWith({ segmentSize: 1 }).encode(new Uint8Array(2)).length).toBe(3)
    expect(headerOf({ length: 65_536 })).toBeDefined()
    expect(headerOf({ length: 65_537 })).toBeUndefined()
  })

  test('flags are the two, sequence numbers stay below 2^53', () => {
    // spec: STT-SEG-22 STT-SEG-23
    expect([headerOf({ flags: 3 })?.flags, headerOf({ flags: 4 })]).toEqual([3, undefined])
    expect(headerOf({ sequence: 2 ** 53 - 1 })?.sequence).toBe(2 ** 53 - 1)
    expect(headerOf({ sequence: 2 ** 53 })).toBeUndefined()
    expect(headerOf({ epoch: 2 ** 32 - 1 })?.epoch).toBe(2 ** 32 - 1)
  })

  function headerOf(fields: object): ReturnType<typeof readSegmentHeader> {
    const bytes = new Uint8Array(16)
    writeSegmentHeader(bytes, { flags: 0, length: 0, epoch: 0, sequence: 0, ...fields })
    return readSegmentHeader(bytes)
  }
})
