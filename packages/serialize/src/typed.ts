import { SttError } from '@stt/errors'

/** The integer types of the format. */
export type IntegerType = 'int8' | 'int16' | 'int32' | 'int64' | 'uint8' | 'uint16' | 'uint32' | 'uint64'
/** The floating-point types of the format. */
export type FloatType = 'float32' | 'float64'
/** The number types of the format. */
export type NumberType = IntegerType | FloatType

/** A number with its type in the encoding. Only `int8()` … `float64()` make one; immutable. */
export class TypedNumber<T extends NumberType = NumberType> {
  /** Its type in the encoding. */
  readonly type: T
  /** A bigint for an integer outside the safe range, else a number. */
  readonly value: T extends 'int64' | 'uint64' ? number | bigint : number

  private constructor(type: T, value: number | bigint) {
    this.type = type
    this.value = value as typeof this.value
    Object.freeze(this)
  }

  /** @internal `value` must fit `type` and be a number when it is a safe integer. */
  static of<T extends NumberType>(type: T, value: number | bigint): TypedNumber<T> {
    return new TypedNumber(type, value)
  }
}

/** −128 … 127 */
export const int8 = (value: number | bigint): TypedNumber<'int8'> => integer('int8', value)
/** −32,768 … 32,767 */
export const int16 = (value: number | bigint): TypedNumber<'int16'> => integer('int16', value)
/** −2^31 … 2^31 − 1 */
export const int32 = (value: number | bigint): TypedNumber<'int32'> => integer('int32', value)
/** −2^63 … 2^63 − 1; outside the safe integers as a bigint */
export const int64 = (value: number | bigint): TypedNumber<'int64'> => integer('int64', value)
/** 0 … 255 */
export const uint8 = (value: number | bigint): TypedNumber<'uint8'> => integer('uint8', value)
/** 0 … 65,535 */
export const uint16 = (value: number | bigint): TypedNumber<'uint16'> => integer('uint16', value)
/** 0 … 2^32 − 1 */
export const uint32 = (value: number | bigint): TypedNumber<'uint32'> => integer('uint32', value)
/** 0 … 2^64 − 1; outside the safe integers as a bigint */
export const uint64 = (value: number | bigint): TypedNumber<'uint64'> => integer('uint64', value)

/** The nearest float32 to `value`; a finite value beyond the range of float32 is refused. */
export const float32 = (value: number): TypedNumber<'float32'> => {
  const rounded = Math.fround(float('float32', value))
  if (Number.isFinite(value) && !Number.isFinite(rounded)) throw invalid('float32', 'a number within ±3.4028235e38')
  return TypedNumber.of('float32', rounded)
}

/** Any number, −0 included, and integers that plain `encode` would write as such. */
export const float64 = (value: number): TypedNumber<'float64'> => TypedNumber.of('float64', float('float64', value))

function integer<T extends IntegerType>(type: T, value: number | bigint): TypedNumber<T> {
  const { minimum, maximum } = ranges[type]
  const isInteger = typeof value === 'bigint' || Number.isSafeInteger(value)
  if (!isInteger || value < minimum || value > maximum) {
    throw invalid(type, `an integer from ${minimum} to ${maximum}, as a bigint where it is not a safe integer`)
  }
  // `+ 0` makes an integer 0 of -0: the integer types have only one zero.
  const safe = value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
  return TypedNumber.of(type, safe ? Number(value) + 0 : value)
}

function float(type: FloatType, value: number): number {
  if (typeof value !== 'number') throw invalid(type, 'a number')
  return value
}

const invalid = (type: NumberType, wanted: string): SttError =>
  new SttError('STT_INVALID_ARGUMENT', `${type}() takes ${wanted}`, { details: { argument: 'value' } })

const ranges: Readonly<Record<IntegerType, { readonly minimum: bigint; readonly maximum: bigint }>> = {
  int8: { minimum: -(2n ** 7n), maximum: 2n ** 7n - 1n },
  int16: { minimum: -(2n ** 15n), maximum: 2n ** 15n - 1n },
  int32: { minimum: -(2n ** 31n), maximum: 2n ** 31n - 1n },
  int64: { minimum: -(2n ** 63n), maximum: 2n ** 63n - 1n },
  uint8: { minimum: 0n, maximum: 2n ** 8n - 1n },
  uint16: { minimum: 0n, maximum: 2n ** 16n - 1n },
  uint32: { minimum: 0n, maximum: 2n ** 32n - 1n },
  uint64: { minimum: 0n, maximum: 2n ** 64n - 1n },
}
