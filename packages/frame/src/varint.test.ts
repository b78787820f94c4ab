import { runs } from '@stt/vitest-config/runs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { varints } from '../test/arbitraries.ts'
import { fromHex, toHex } from '../test/hex.ts'
import { refusalOf } from '../test/refusal.ts'
import { ByteReader } from './byte-reader.ts'
import { MAX_VARINT, varintSize, varintSizeFrom, writeVarint } from './varint.ts'

const read = (bytes: Uint8Array): number => {
  const reader = new ByteReader()
  reader.reset(bytes, 0, bytes.length)
  return reader.varint()
}

const written = (value: number): Uint8Array => {
  const buffer = new Uint8Array(8)
  return buffer.subarray(0, writeVarint(buffer, 0, value))
}

describe('varints', () => {
  // spec: STT-FRM-1
  test('the examples of RFC 9000 §A.1 that a JavaScript number holds', () => {
    expect(toHex(written(494_878_333))).toBe('9d7f3e7d')
    expect(toHex(written(15_293))).toBe('7bbd')
    expect(toHex(written(37))).toBe('25')
  })

  // spec: STT-FRM-1
  test('what is written is read, in the size that was announced', () => {
    fc.assert(
      fc.property(varints, value => {
        const bytes = written(value)
        expect(bytes.length).toBe(varintSize(value))
        expect(varintSizeFrom(bytes[0]!)).toBe(bytes.length)
        expect(read(bytes)).toBe(value)
      }),
      runs(),
    )
  })

  // spec: STT-FRM-1
  test('any eight bytes are read to a number that is written as the same bytes, or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 8 }), bytes => {
        const refused = refusalOf(() => read(bytes))
        if (refused) expect(['truncated', 'varint-not-minimal', 'varint-too-large']).toContain(refused.rule)
        else expect(written(read(bytes))).toEqual(bytes.subarray(0, varintSizeFrom(bytes[0]!)))
      }),
      runs(),
    )
  })

  // spec: STT-FRM-1 STT-FRM-2
  test.each([
    ['4000', 'varint-not-minimal'],
    ['403f', 'varint-not-minimal'],
    ['80000000', 'varint-not-minimal'],
    ['80003fff', 'varint-not-minimal'],
    ['c000000000000000', 'varint-not-minimal'],
    ['c00000003fffffff', 'varint-not-minimal'],
    ['c020000000000000', 'varint-too-large'],
    ['ffffffffffffffff', 'varint-too-large'],
    ['', 'truncated'],
    ['40', 'truncated'],
    ['8040', 'truncated'],
    ['c0000000400000', 'truncated'],
  ])('%s is refused: %s', (hex, rule) => {
    expect(refusalOf(() => read(fromHex(hex)))).toMatchObject({ rule, offset: 0 })
  })

  // spec: STT-FRM-2
  test('only integers from 0 to 2^53 - 1 are written', () => {
    expect(read(written(MAX_VARINT))).toBe(MAX_VARINT)
    for (const value of [-1, 0.5, MAX_VARINT + 1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => written(value)).toThrowError(expect.objectContaining({ code: 'STT_INVALID_ARGUMENT' }))
    }
  })
})

test.each([-1, 0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY, '7', undefined, 7n])(
  '%s is no varint, and has no size',
  value => {
    const refused = expect.objectContaining({ code: 'STT_INVALID_ARGUMENT' })
    expect(() => varintSize(value as number)).toThrowError(refused)
    expect(() => writeVarint(new Uint8Array(8), 0, value as number)).toThrowError(refused)
  },
)
