import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Decoder, decode, type Encodable, encode, encodedSize, encodeInto } from '../src/index.ts'
import { fromNotation, hex, unhex, type Vectors } from './notation.ts'
import { refusal } from './refusal.ts'

const vectors: Vectors = JSON.parse(readFileSync(new URL('../vectors/serialize.json', import.meta.url), 'utf8'))

// spec: STT-SER-1, STT-SER-3, STT-SER-4, STT-SER-7
describe('accepted', () => {
  it.each(vectors.accepted)('$name', ({ hex: text, value, canonical }) => {
    const bytes = unhex(text)
    const wrapped = fromNotation(value)
    expect(hex(encode(wrapped))).toBe(text)
    expect(encodedSize(wrapped)).toBe(bytes.length)
    const buffer = new Uint8Array(bytes.length + 2)
    expect(encodeInto(wrapped, buffer, 1)).toBe(bytes.length + 1)
    expect(hex(buffer)).toBe(`00${text}00`)

    // spec: STT-SER-15
    expect(hex(encode(decode(bytes, { typed: true })))).toBe(text)
    expect(new Decoder({ typed: true }).push(bytes)).toEqual([decode(bytes, { typed: true })])
    // spec: STT-SER-5, STT-SER-6, STT-SER-14, STT-SER-16
    const plain: Encodable = decode(bytes)
    expect(hex(encode(plain)) === text).toBe(canonical)
    if (canonical) expect(decode(bytes, { canonical: true })).toEqual(plain)
    else expect(refusal(() => decode(bytes, { canonical: true })).rule).toBe('canonical')
  })
})

// spec: STT-SER-2, STT-SER-8, STT-SER-9, STT-SER-10, STT-SER-11, STT-SER-17, STT-SER-18, STT-SER-19
describe('refused', () => {
  it.each(vectors.refused)('$name', ({ hex: text, rule, offset }) => {
    for (const options of [{}, { typed: true }, { canonical: true }]) {
      expect(refusal(() => decode(unhex(text), options))).toEqual({ code: 'STT_DECODE', rule, offset })
    }
  })
})

describe('unencodable', () => {
  // spec: STT-SER-6, STT-SER-9, STT-SER-20
  it.each(vectors.unencodable)('$name', ({ value, rule }) => {
    expect(refusal(() => encode(fromNotation(value)))).toMatchObject({ code: 'STT_ENCODE', rule })
    expect(refusal(() => encodedSize([fromNotation(value)]))).toMatchObject({ code: 'STT_ENCODE', rule })
  })
})
