import { describe, expect, it } from 'vitest'
import {
  decode,
  type Encodable,
  encode,
  encodedSize,
  encodeInto,
  float32,
  float64,
  int8,
  int64,
  uint8,
  uint64,
} from './index.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const unhex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))

const golden: [Encodable, string][] = [
  [null, '00'],
  [false, '01'],
  [true, '02'],
  [42, '102a'],
  [128, '110080'],
  [-129, '11ff7f'],
  [2 ** 31, '130000000080000000'],
  [2n ** 63n - 1n, '137fffffffffffffff'],
  [2n ** 63n, '178000000000000000'],
  [3.14, '2140091eb851eb851f'],
  [Number.NaN, '217ff8000000000000'],
  ['ü€😀', '3100000009c3bce282acf09f9880'],
  [Uint8Array.of(1, 2), '30000000020102'],
  [[1, [null]], '400000000210014000000001' + '00'],
  [{ b: 1, a: false }, '4100000002310000000161013100000001621001'],
  [uint8(200), '14c8'],
  [uint64(5), '170000000000000005'],
  [int64(5), '130000000000000005'],
  [float32(1.5), '203fc00000'],
  [float64(42), '214045000000000000'],
  [float64(-0), '218000000000000000'],
]

describe('golden bytes', () => {
  it.each(golden)('%o', (value, bytes) => {
    expect(hex(encode(value))).toBe(bytes)
    expect(encodedSize(value)).toBe(bytes.length / 2)
    const buffer = new Uint8Array(bytes.length / 2 + 3)
    expect(encodeInto(value, buffer, 3)).toBe(buffer.length)
    expect(hex(buffer.subarray(3))).toBe(bytes)
    expect(decode(unhex(bytes), { typed: true })).toEqual(value)
  })

  it('refuses in canonical form what plain encoding does not write', () => {
    expect(decode(unhex('14c8'))).toBe(200)
    expect(() => decode(unhex('14c8'), { canonical: true })).toThrow('not in the form')
    expect(encode(int8(1))).toEqual(encode(1))
    expect(encode(-0)).toEqual(encode(0))
  })

  it('names offset and rule, or the path', () => {
    expect(() => decode(unhex('4000000002' + '00' + '99'))).toThrow('cannot decode at offset 6: no type has this tag')
    expect(() => encode({ a: [0, 1, 2, { b: undefined as never }] })).toThrow('cannot encode $.a[3].b: undefined')
  })
})
