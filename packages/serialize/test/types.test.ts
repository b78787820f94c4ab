import { describe, expectTypeOf, it } from 'vitest'
import {
  Decoder,
  decode,
  decodeStream,
  type Encodable,
  encode,
  float32,
  type TypedNumber,
  type TypedValue,
  uint64,
  type Value,
} from '../src/index.ts'

const bytes: Uint8Array = encode(null)

describe('types', () => {
  it('of what is decoded follow from the options', () => {
    expectTypeOf(decode(bytes)).toEqualTypeOf<Value>()
    expectTypeOf(decode(bytes, {})).toEqualTypeOf<Value>()
    expectTypeOf(decode(bytes, { canonical: true, limits: { depth: 3 } })).toEqualTypeOf<Value>()
    expectTypeOf(decode(bytes, { typed: false })).toEqualTypeOf<Value>()
    expectTypeOf(decode(bytes, { typed: true })).toEqualTypeOf<TypedValue>()
    expectTypeOf(decode(bytes, { typed: true as boolean })).toEqualTypeOf<TypedValue>()
    expectTypeOf(new Decoder().push(bytes)).toEqualTypeOf<Value[]>()
    expectTypeOf(new Decoder({ copy: true }).push(bytes)).toEqualTypeOf<Value[]>()
    expectTypeOf(new Decoder({ typed: true }).push(bytes)).toEqualTypeOf<TypedValue[]>()
    expectTypeOf(decodeStream([bytes])).toEqualTypeOf<AsyncGenerator<Value, void, undefined>>()
    expectTypeOf(decodeStream([bytes], { typed: true })).toEqualTypeOf<AsyncGenerator<TypedValue, void, undefined>>()
  })

  it('of what is decoded can be encoded again', () => {
    expectTypeOf<Value>().toExtend<TypedValue>()
    expectTypeOf<TypedValue>().toExtend<Encodable>()
    expectTypeOf<readonly [1, { readonly a: 'b' }]>().toExtend<Encodable>()
    expectTypeOf<undefined>().not.toExtend<Encodable>()
    expectTypeOf<Date>().not.toExtend<Encodable>()
    expectTypeOf<{ a?: number | undefined }>().not.toExtend<Encodable>()
  })

  it('of wrapped numbers name their contents', () => {
    expectTypeOf(float32(1)).toEqualTypeOf<TypedNumber<'float32'>>()
    expectTypeOf(float32(1).value).toEqualTypeOf<number>()
    expectTypeOf(uint64(1).value).toEqualTypeOf<number | bigint>()
    expectTypeOf(uint64(1).type).toEqualTypeOf<'uint64'>()
  })
})
