import { describe, expect, it } from 'vitest'
import { refusal } from '../test/refusal.ts'
import { encode, float32, float64, int8, int16, int32, int64, uint8, uint16, uint32, uint64 } from './index.ts'

const ranges = [
  { make: int8, minimum: -(2n ** 7n), maximum: 2n ** 7n - 1n },
  { make: int16, minimum: -(2n ** 15n), maximum: 2n ** 15n - 1n },
  { make: int32, minimum: -(2n ** 31n), maximum: 2n ** 31n - 1n },
  { make: int64, minimum: -(2n ** 63n), maximum: 2n ** 63n - 1n },
  { make: uint8, minimum: 0n, maximum: 2n ** 8n - 1n },
  { make: uint16, minimum: 0n, maximum: 2n ** 16n - 1n },
  { make: uint32, minimum: 0n, maximum: 2n ** 32n - 1n },
  { make: uint64, minimum: 0n, maximum: 2n ** 64n - 1n },
]

describe('integers', () => {
  it.each(ranges)('$make.name takes its range and nothing beyond', ({ make, minimum, maximum }) => {
    // spec: STT-SER-7
    for (const value of [minimum, 0n, 1n, maximum]) expect(BigInt(make(value).value)).toBe(value)
    for (const value of [minimum - 1n, maximum + 1n]) {
      expect(refusal(() => make(value))).toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
    }
    expect(() => make(maximum + 1n)).toThrow(`${make.name}() takes an integer from ${minimum} to ${maximum}`)
    for (const value of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '1', null, undefined]) {
      expect(refusal(() => make(value as number)).code).toBe('STT_INVALID_ARGUMENT')
    }
  })

  it('are numbers when they are safe, bigints beyond, and have one zero', () => {
    expect(int64(5n).value).toBe(5)
    expect(uint64(2n ** 63n).value).toBe(2n ** 63n)
    expect(int8(-0).value).toBe(0)
    expect(int8(-0)).toEqual(int8(0n))
  })
})

describe('floats', () => {
  it('are rounded to the nearest float32', () => {
    expect(float32(0.1).value).toBe(Math.fround(0.1))
    expect(float32(-0).value).toBe(-0)
    expect(float32(Number.NEGATIVE_INFINITY).value).toBe(Number.NEGATIVE_INFINITY)
    expect(float32(Number.NaN).value).toBeNaN()
    expect(refusal(() => float32(1e39)).code).toBe('STT_INVALID_ARGUMENT')
    for (const make of [float32, float64]) expect(refusal(() => make(1n as never)).code).toBe('STT_INVALID_ARGUMENT')
    expect(float64(-0).value).toBe(-0)
  })
})

describe('wrappers', () => {
  it('cannot be changed or forged', () => {
    const number = uint8(1)
    expect(() => Object.assign(number, { value: 300 })).toThrow(TypeError)
    expect(refusal(() => encode(Object.create({ type: 'uint8', value: 1 }))).rule).toBe('class-instance')
    expect(encode({ type: 'uint8', value: 300 })).toHaveLength(5 + 9 + 10 + 10 + 3)
  })
})
