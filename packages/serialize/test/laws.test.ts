import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Decoder, decode, type Encodable, encode, encodedSize, encodeInto } from '../src/index.ts'
import { chunksOf, plainValue, text, typedValue } from './arbitrary.ts'
import { fromNotation, hex } from './notation.ts'
import { referenceDecode } from './reference.ts'
import { refusal } from './refusal.ts'

const RUNS = 300

describe('laws', () => {
  it('decoding gives the value that was encoded, by other code too', () => {
    fc.assert(
      fc.property(typedValue, value => {
        const bytes = encode(value)
        const reference = referenceDecode(bytes)
        expect(reference).toBeDefined()
        expect(hex(encode(fromNotation(reference!)))).toBe(hex(bytes))
        expect(hex(encode(decode(bytes, { typed: true })))).toBe(hex(bytes))
      }),
      { numRuns: RUNS },
    )
  })

  it('plain values are canonical and come back equal', () => {
    fc.assert(
      fc.property(plainValue, value => {
        const bytes = encode(value)
        const decoded = decode(bytes, { canonical: true })
        expect(decoded).toEqual(normalize(value))
        expect(hex(encode(decoded))).toBe(hex(bytes))
        expect(decode(bytes)).toEqual(decoded)
        expect(decode(bytes, { typed: true })).toEqual(decoded)
      }),
      { numRuns: RUNS },
    )
  })

  it('canonical decoding takes exactly what plain encoding writes', () => {
    // spec: STT-SER-16
    fc.assert(
      fc.property(typedValue, value => {
        const bytes = encode(value)
        const isPlain = hex(encode(decode(bytes))) === hex(bytes)
        if (isPlain) expect(decode(bytes, { canonical: true })).toEqual(decode(bytes))
        else expect(refusal(() => decode(bytes, { canonical: true })).rule).toBe('canonical')
      }),
      { numRuns: RUNS },
    )
  })

  it('the order of properties makes no difference', () => {
    // spec: STT-SER-12
    fc.assert(
      fc.property(fc.dictionary(text, plainValue, { maxKeys: 12 }), fc.nat(), (dict, turn) => {
        const entries = Object.entries(dict)
        const cut = entries.length ? turn % entries.length : 0
        const turned = Object.fromEntries([...entries.slice(cut), ...entries.slice(0, cut)].toReversed())
        expect(hex(encode(turned))).toBe(hex(encode(dict)))
      }),
      { numRuns: RUNS },
    )
  })

  it('size and place are what they are said to be', () => {
    fc.assert(
      fc.property(typedValue, fc.nat(20), (value, offset) => {
        const bytes = encode(value)
        expect(encodedSize(value)).toBe(bytes.length)
        const buffer = new Uint8Array(offset + bytes.length + 3).fill(0xaa)
        expect(encodeInto(value, buffer, offset)).toBe(offset + bytes.length)
        expect(hex(buffer)).toBe(`${'aa'.repeat(offset)}${hex(bytes)}aaaaaa`)
        expect(refusal(() => encodeInto(value, buffer, offset + 4)).code).toBe('STT_INVALID_ARGUMENT')
      }),
      { numRuns: RUNS },
    )
  })

  it('chunks make no difference', () => {
    // spec: STT-SER-22
    const input = fc.array(typedValue, { maxLength: 5 }).chain(values => {
      const bytes = new Uint8Array(Buffer.concat(values.map(value => encode(value))))
      return fc.record({ values: fc.constant(values), chunks: chunksOf(bytes), copy: fc.boolean() })
    })
    fc.assert(
      fc.property(input, ({ values, chunks, copy }) => {
        const decoder = new Decoder({ typed: true, copy })
        const decoded = chunks.flatMap(chunk => decoder.push(chunk))
        decoder.end()
        expect(decoded.map(value => hex(encode(value)))).toEqual(values.map(value => hex(encode(value))))
      }),
      { numRuns: RUNS },
    )
  })

  it('any bytes are refused or come back as they were', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 30 }), bytes => {
        const reference = referenceDecode(bytes)
        if (reference === undefined) expect(refusal(() => decode(bytes)).code).toBe('STT_DECODE')
        else expect(hex(encode(decode(bytes, { typed: true })))).toBe(hex(bytes))
      }),
      { numRuns: 3000 },
    )
  })
})

/** The value with its numbers as decoding gives them: -0 as 0, safe bigints as numbers. */
function normalize(value: Encodable): unknown {
  if (typeof value === 'number') return Object.is(value, -0) ? 0 : value
  if (typeof value === 'bigint')
    return BigInt(Number(value)) === value && Number.isSafeInteger(Number(value)) ? Number(value) : value
  if (Array.isArray(value)) return value.map(normalize)
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  const entries = Object.entries(value).map(([key, item]) => [key, normalize(item)] as const)
  const dict = {}
  for (const [key, item] of entries)
    Object.defineProperty(dict, key, { value: item, enumerable: true, writable: true, configurable: true })
  return dict
}
