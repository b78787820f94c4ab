export { type Decoded, type DecodeOptions, decode } from './decode.ts'
export type { DecodeRule } from './decode-refusal.ts'
export { decodeStream } from './decode-stream.ts'
export { Decoder } from './decoder.ts'
export { encode, encodedSize, encodeInto } from './encode.ts'
export type { EncodeRule } from './encode-refusal.ts'
export type { DecodeLimits } from './limits.ts'
export {
  type FloatType,
  float32,
  float64,
  type IntegerType,
  int8,
  int16,
  int32,
  int64,
  type NumberType,
  type TypedNumber,
  uint8,
  uint16,
  uint32,
  uint64,
} from './typed.ts'
export type { Encodable, TypedValue, Value } from './value.ts'
