import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytes, errorCode, hex, pattern, text } from '../../test/bytes.ts'
import { known } from '../../test/known-answers.ts'
import { providers } from '../../test/providers.ts'
import {
  CHUNK_HEADER_LENGTH,
  CHUNK_LENGTH,
  plaintextLength,
  SEALED_CHUNK_LENGTH,
  sealedLength,
  sealedRange,
} from './layout.ts'
import { ChunkOpener, openChunks } from './opener.ts'
import { ChunkSealer, sealChunks } from './sealer.ts'
import { type ChunkSuite, createChunkSuite, deriveChunkKeys } from './suite.ts'

const key = pattern(7, 32)
const context = text('a test')
const lengths = [0, 1, 100, CHUNK_LENGTH - 1, CHUNK_LENGTH, CHUNK_LENGTH + 1, 2 * CHUNK_LENGTH, 40_000]

describe.each(providers)('sealed chunks on $name', provider => {
  const suite = createChunkSuite(provider)

  // spec: STT-SEG-1
  // spec: STT-SEG-2
  // spec: STT-SEG-3
  test('are the known answers', () => {
    for (const answer of known.chunks) {
      const options = { key: bytes(answer.key), context: bytes(answer.context), suite }
      const plaintext = pattern(30, answer.length)
      const sealed = sealChunks(plaintext, { ...options, entropy: () => bytes(answer.salt) })
      expect(sealed).toHaveLength(answer.sealedLength)
      expect(hex(sealed.subarray(24, 56))).toBe(answer.commitment)
      expect(hex(provider.hash(sealed))).toBe(answer.sealedHash)
      expect(openChunks(sealed, options)).toEqual(plaintext)
    }
  })
})

// spec: STT-SEG-5
test.each(lengths)('%i bytes go through whole, the last chunk shorter than all others', length => {
  const plaintext = pattern(3, length)
  const sealed = sealChunks(plaintext, { key, context })
  expect(sealed).toHaveLength(sealedLength(length))
  expect(plaintextLength(sealed.length)).toBe(length)
  expect((sealed.length - CHUNK_HEADER_LENGTH) % SEALED_CHUNK_LENGTH).toBe(16 + (length % CHUNK_LENGTH))
  expect(openChunks(sealed, { key, context })).toEqual(plaintext)
})

test('how a message is cut into pieces changes nothing', () => {
  const plaintext = pattern(4, 50_000)
  const salt = () => pattern(8, 24)
  const whole = sealChunks(plaintext, { key, context, entropy: salt })
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 6 }), cuts => {
      const sealer = new ChunkSealer({ key, context, entropy: salt })
      const sealed = [sealer.header, ...pieces(plaintext, cuts).map(piece => sealer.update(piece)), sealer.finish()]
      expect(Buffer.concat(sealed).equals(whole)).toBe(true)

      const header = whole.subarray(0, CHUNK_HEADER_LENGTH)
      const opener = new ChunkOpener({ key, context, header })
      const body = pieces(whole.subarray(CHUNK_HEADER_LENGTH), cuts)
      const opened = [...body.map(piece => opener.update(piece)), opener.finish()]
      expect(Buffer.concat(opened).equals(plaintext)).toBe(true)
    }),
    { numRuns: 25 },
  )
})

test('any part can be read alone', () => {
  const plaintext = pattern(5, 3 * CHUNK_LENGTH + 100)
  const sealed = sealChunks(plaintext, { key, context })
  const header = sealed.subarray(0, CHUNK_HEADER_LENGTH)
  const bound = fc.integer({ min: 0, max: plaintext.length })
  fc.assert(
    fc.property(bound, bound, (one, other) => {
      const [start, end] = [Math.min(one, other), Math.max(one, other)]
      const range = sealedRange(start, end)
      const opener = new ChunkOpener({ key, context, header, firstChunk: range.firstChunk })
      const opened = [opener.update(sealed.subarray(range.start, range.end))]
      if (range.end >= sealed.length) opened.push(opener.finish())
      const part = Buffer.concat(opened).subarray(range.skip, range.skip + end - start)
      expect(part.equals(plaintext.subarray(start, end))).toBe(true)
    }),
    { numRuns: 50 },
  )
})

test('a part needs no chunk that does not hold it', () => {
  const [first, second] = [CHUNK_HEADER_LENGTH, CHUNK_HEADER_LENGTH + SEALED_CHUNK_LENGTH]
  expect(sealedRange(0, 1)).toEqual({ firstChunk: 0, start: first, end: second, skip: 0 })
  expect(sealedRange(0, CHUNK_LENGTH)).toEqual({ firstChunk: 0, start: first, end: second, skip: 0 })
  expect(sealedRange(CHUNK_LENGTH, CHUNK_LENGTH)).toEqual({ firstChunk: 1, start: second, end: second, skip: 0 })
  expect(sealedRange(5, 5).skip).toBe(5)
  for (const [start, end] of [
    [-1, 1],
    [2, 1],
    [0.5, 1],
    [0, 2 ** 53],
  ] as const) {
    expect(() => sealedRange(start, end)).toThrow(errorCode('STT_INVALID_ARGUMENT'))
  }
})

test('lengths that no message has are told', () => {
  const full = CHUNK_HEADER_LENGTH + SEALED_CHUNK_LENGTH
  for (const length of [0, 55, 56, 71, full, full + 15]) expect(plaintextLength(length)).toBeUndefined()
  expect(plaintextLength(72)).toBe(0)
  expect(plaintextLength(full - 1)).toBe(CHUNK_LENGTH - 1)
  expect(plaintextLength(full + 16)).toBe(CHUNK_LENGTH)
})

// spec: STT-SEG-6
test('another key or context, and any change of the header, is told before a chunk is opened', () => {
  const sealed = sealChunks(text('secret'), { key, context })
  const wrong = errorCode('STT_AUTHENTICATION')
  const header = sealed.subarray(0, CHUNK_HEADER_LENGTH)
  expect(() => new ChunkOpener({ key: pattern(8, 32), context, header })).toThrow(wrong)
  expect(() => new ChunkOpener({ key, context: text('a test '), header })).toThrow(wrong)
  for (let i = 0; i < CHUNK_HEADER_LENGTH; i++) {
    const changed = header.slice()
    changed[i]! ^= 1
    expect(() => new ChunkOpener({ key, context, header: changed })).toThrow(wrong)
  }
  for (const length of [0, 24, 55, 57]) {
    const short = { key, context, header: new Uint8Array(length) }
    expect(() => new ChunkOpener(short)).toThrow(errorCode('STT_TRUNCATED'))
  }
})

// spec: STT-SEG-7
test('a message cut at any length is refused', () => {
  const options = { key, context }
  const sealed = sealChunks(pattern(6, CHUNK_LENGTH + 20), options)
  for (const length of [
    0,
    56,
    71,
    72,
    100,
    56 + SEALED_CHUNK_LENGTH,
    56 + SEALED_CHUNK_LENGTH + 16,
    sealed.length - 1,
  ]) {
    expect(() => openChunks(sealed.subarray(0, length), options)).toThrow(/STT|message|chunk/)
  }
  const whole = sealed.subarray(0, 56 + SEALED_CHUNK_LENGTH)
  expect(() => openChunks(whole, options)).toThrow(errorCode('STT_TRUNCATED'))
})

// spec: STT-SEG-7
test('chunks that are changed, swapped, repeated, dropped or added are refused, and stay refused', () => {
  const options = { key, context }
  const sealed = sealChunks(pattern(6, 2 * CHUNK_LENGTH + 20), options)
  const header = sealed.subarray(0, 56)
  const [a, b] = [
    sealed.subarray(56, 56 + SEALED_CHUNK_LENGTH),
    sealed.subarray(56 + SEALED_CHUNK_LENGTH, 56 + 2 * SEALED_CHUNK_LENGTH),
  ]
  const last = sealed.subarray(56 + 2 * SEALED_CHUNK_LENGTH)
  const flipped = a.slice()
  flipped[9]! ^= 1
  for (const body of [
    [flipped, b, last],
    [b, a, last],
    [a, a, last],
    [b, last],
    [a, b, last, Uint8Array.of(0)],
    [a, last],
  ]) {
    const opener = new ChunkOpener({ ...options, header })
    const open = () => {
      for (const piece of body) opener.update(piece)
      opener.finish()
    }
    expect(open).toThrow(errorCode('STT_AUTHENTICATION'))
    expect(() => opener.update(a)).toThrow(errorCode('STT_AUTHENTICATION'))
    expect(() => opener.finish()).toThrow(errorCode('STT_AUTHENTICATION'))
  }
  expect(openChunks(sealed, options)).toHaveLength(2 * CHUNK_LENGTH + 20)
})

// spec: STT-SEG-4
test('a message ends at 2^38 chunks', () => {
  const sealed = sealChunks(new Uint8Array(0), { key, context })
  const header = sealed.subarray(0, CHUNK_HEADER_LENGTH)
  const last = new ChunkOpener({ key, context, header, firstChunk: 2 ** 38 - 1 })
  expect(() => last.update(new Uint8Array(SEALED_CHUNK_LENGTH))).toThrow(errorCode('STT_AUTHENTICATION'))
  const beyond = new ChunkOpener({ key, context, header, firstChunk: 2 ** 38 })
  expect(() => beyond.update(new Uint8Array(SEALED_CHUNK_LENGTH))).toThrow(errorCode('STT_NONCE_EXHAUSTED'))
  expect(() => new ChunkOpener({ key, context, header, firstChunk: -1 })).toThrow(errorCode('STT_INVALID_ARGUMENT'))
})

// spec: STT-SEG-3
test.each([0, 1, 255, 256, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 3, 2 ** 38 - 1])('chunk %i has its own nonce', number => {
  const suite = createChunkSuite(providers[0]!)
  const salt = pattern(8, 24)
  const { key: chunkKey, baseNonce, commitment } = deriveChunkKeys(suite, key, salt, context)
  const nonce = BigInt(`0x${hex(baseNonce)}`) ^ BigInt(number)
  const sealed = new Uint8Array(16 + 4)
  suite.aead(chunkKey).seal(bytes(nonce.toString(16).padStart(24, '0')), new Uint8Array(0), text('last'), sealed)

  const header = Uint8Array.of(...salt, ...commitment)
  const opener = new ChunkOpener({ key, context, header, firstChunk: number })
  opener.update(sealed)
  expect(opener.finish()).toEqual(text('last'))
})

test('the keys of a message are wiped once its AEAD holds them', () => {
  const given: Uint8Array[] = []
  const suite = createChunkSuite(providers[0]!)
  const watched: ChunkSuite = {
    ...suite,
    aead(chunkKey) {
      given.push(chunkKey)
      return suite.aead(chunkKey)
    },
  }
  const sealed = sealChunks(text('note'), { key, context, suite: watched })
  expect(openChunks(sealed, { key, context, suite: watched })).toEqual(text('note'))
  expect(given).toEqual([new Uint8Array(32), new Uint8Array(32)])
})

test('the same message never seals to the same bytes', () => {
  const once = sealChunks(text('again'), { key, context })
  expect(sealChunks(text('again'), { key, context })).not.toEqual(once)
})

test('a finished or disposed message takes nothing more', () => {
  const sealer = new ChunkSealer({ key, context })
  const last = sealer.finish()
  expect(() => sealer.update(text('more'))).toThrow(errorCode('STT_INVALID_STATE'))
  expect(() => sealer.finish()).toThrow(errorCode('STT_INVALID_STATE'))
  const opener = new ChunkOpener({ key, context, header: sealer.header })
  opener.update(last)
  expect(opener.finish()).toHaveLength(0)
  expect(() => opener.update(last)).toThrow(errorCode('STT_INVALID_STATE'))
  expect(() => new ChunkSealer({ key: key.subarray(1), context })).toThrow(errorCode('STT_INVALID_ARGUMENT'))
  expect(() => new ChunkSealer({ key, context, entropy: () => key })).toThrow(errorCode('STT_INVALID_ARGUMENT'))
})

function pieces(whole: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const parts: Uint8Array[] = []
  let offset = 0
  for (const length of lengths) parts.push(whole.subarray(offset, (offset += length)))
  return [...parts, whole.subarray(offset)]
}
