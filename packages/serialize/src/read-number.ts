import { decodeRefusal } from './decode-refusal.ts'
import type { Input } from './input.ts'
import { cost } from './limits.ts'
import { type NumberType, TypedNumber } from './typed.ts'

/** The integer at `start` with the tag 10 … 17. */
export function readInteger(input: Input, start: number, tag: number): number | bigint | TypedNumber {
  if (tag <= 0x12) {
    input.take(smallSize(tag))
    const value = smallInteger(input.bytes, start, tag)
    return isMinimal(tag, value) ? value : wide(input, start, tag === 0x11 ? 'int16' : 'int32', value)
  }
  if (tag === 0x13) return readInt64(input, start)
  if (tag === 0x17) return readUint64(input, start)
  input.take(1 + (1 << (tag & 3)))
  const { bytes } = input
  if (tag === 0x14) return wide(input, start, 'uint8', bytes[start + 1]!)
  if (tag === 0x15) return wide(input, start, 'uint16', (bytes[start + 1]! << 8) | bytes[start + 2]!)
  return wide(input, start, 'uint32', input.uint32(start + 1))
}

/**
 * Reads a run of int8, int16 and int32 at the position into `items` from `from` on, as far as plain encoding would write them
 * that way. `readInteger` reads the item that ends the run.
 *
 * @returns the index after the run
 */
export function readIntegers(input: Input, items: unknown[], from: number): number {
  const { bytes, end } = input
  let { position } = input
  let index = from
  for (; index < items.length && position < end; index++) {
    const tag = bytes[position]!
    if (tag < 0x10 || tag > 0x12) break
    const next = position + smallSize(tag)
    if (next > end) break
    const value = smallInteger(bytes, position, tag)
    if (!isMinimal(tag, value)) break
    items[index] = value
    position = next
  }
  input.position = position
  return index
}

export function readFloat32(input: Input, start: number): number | TypedNumber {
  input.take(5)
  const bits = input.uint32(start + 1)
  scratch.setUint32(0, bits)
  const value = scratch.getFloat32(0)
  input.charge(start, cost.number)
  // spec: STT-SER-8
  if (Number.isNaN(value) && bits !== 0x7fc0_0000) throw decodeRefusal(start, 'nan')
  return wide(input, start, 'float32', value)
}

export function readFloat64(input: Input, start: number): number | TypedNumber {
  input.take(9)
  const high = input.uint32(start + 1)
  const low = input.uint32(start + 5)
  scratch.setUint32(0, high)
  scratch.setUint32(4, low)
  const value = scratch.getFloat64(0)
  input.charge(start, cost.number)
  // spec: STT-SER-8
  if (Number.isNaN(value) && (high !== 0x7ff8_0000 || low !== 0)) throw decodeRefusal(start, 'nan')
  return Number.isSafeInteger(value) ? wide(input, start, 'float64', value) : value
}

/** A number in a form that plain encoding would not write. */
function wide<T extends number | bigint>(input: Input, start: number, type: NumberType, value: T): T | TypedNumber {
  // spec: STT-SER-16
  if (input.canonical) throw decodeRefusal(start, 'canonical')
  // spec: STT-SER-14
  if (!input.typed) return value
  // spec: STT-SER-15
  input.charge(start, cost.wrapper)
  return TypedNumber.of(type, value)
}

function readInt64(input: Input, start: number): number | bigint | TypedNumber {
  input.take(9)
  const high = input.uint32(start + 1) | 0
  const low = input.uint32(start + 5)
  const value = high * 2 ** 32 + low
  if (!Number.isSafeInteger(value)) return readBigint(input, start, high, low, true)
  input.charge(start, cost.number)
  return (value | 0) === value ? wide(input, start, 'int64', value) : value
}

function readUint64(input: Input, start: number): number | bigint | TypedNumber {
  input.take(9)
  const high = input.uint32(start + 1)
  const low = input.uint32(start + 5)
  const value = high * 2 ** 32 + low
  input.charge(start, cost.number)
  if (Number.isSafeInteger(value)) return wide(input, start, 'uint64', value)
  const big = readBigint(input, start, high, low, false)
  return high < 0x8000_0000 ? wide(input, start, 'uint64', big) : big
}

function readBigint(input: Input, start: number, high: number, low: number, isSigned: boolean): bigint {
  input.charge(start, cost.bigint)
  scratch.setUint32(0, high)
  scratch.setUint32(4, low)
  return isSigned ? scratch.getBigInt64(0) : scratch.getBigUint64(0)
}

/** Bytes of an int8, int16 or int32 with its tag. */
const smallSize = (tag: number): number => 1 + (1 << (tag & 3))

function smallInteger(bytes: Uint8Array, start: number, tag: number): number {
  if (tag === 0x10) return (bytes[start + 1]! << 24) >> 24
  if (tag === 0x11) return ((bytes[start + 1]! << 24) | (bytes[start + 2]! << 16)) >> 16
  return (bytes[start + 1]! << 24) | (bytes[start + 2]! << 16) | (bytes[start + 3]! << 8) | bytes[start + 4]!
}

/** Whether the int8, int16 or int32 `value` would not fit the next smaller type. */
function isMinimal(tag: number, value: number): boolean {
  return tag === 0x10 || (tag === 0x11 ? (value << 24) >> 24 : (value << 16) >> 16) !== value
}

const scratch = new DataView(new ArrayBuffer(8))
