import { EncodeRefusal } from './encode-refusal.ts'
import type { Output } from './output.ts'
import * as tag from './tags.ts'
import type { TypedNumber } from './typed.ts'

/** Writes a safe integer in the smallest signed type, −0 as 0, and any other number as float64. */
export function writeNumber(output: Output, value: number): void {
  // spec: STT-SER-5
  if ((value | 0) === value) {
    output.reserve(5)
    output.position = writeInteger(output.chunk, output.position, value)
  } else if (Number.isSafeInteger(value)) {
    writeLong(output, tag.INT64, BigInt(value))
  } else {
    writeFloat64(output, value)
  }
}

/** Writes an integer of up to 32 bits in the smallest signed type; five bytes are reserved. @returns the offset after it */
export function writeInteger(chunk: Uint8Array, position: number, value: number): number {
  if ((value << 24) >> 24 === value) {
    chunk[position] = tag.INT8
    chunk[position + 1] = value
    return position + 2
  }
  if ((value << 16) >> 16 === value) {
    chunk[position] = tag.INT16
    chunk[position + 1] = value >> 8
    chunk[position + 2] = value
    return position + 3
  }
  return writeInt32(chunk, position, tag.INT32, value)
}

export function writeBigint(output: Output, value: bigint): void {
  // spec: STT-SER-6
  if (value >= MIN_SAFE && value <= MAX_SAFE) writeNumber(output, Number(value))
  else if (value >= MIN_INT64 && value <= MAX_INT64) writeLong(output, tag.INT64, value)
  else if (value > 0n && value <= MAX_UINT64) writeLong(output, tag.UINT64, value)
  else throw new EncodeRefusal('integer-range', 'a bigint must be from -2^63 to 2^64 - 1')
}

export function writeTyped(output: Output, { type, value }: TypedNumber): void {
  // spec: STT-SER-7
  if (type === 'float64') {
    writeFloat64(output, value as number)
  } else if (type === 'float32') {
    writeFloat32(output, value as number)
  } else if (type === 'int64' || type === 'uint64') {
    writeLong(output, integerTypes[type].tag, BigInt(value))
  } else {
    output.reserve(5)
    output.position = writeSmall(output.chunk, output.position, integerTypes[type], value as number)
  }
}

/** Writes an int32 or uint32. */
function writeInt32(chunk: Uint8Array, position: number, typeTag: number, value: number): number {
  chunk[position] = typeTag
  chunk[position + 1] = value >> 24
  chunk[position + 2] = value >> 16
  chunk[position + 3] = value >> 8
  chunk[position + 4] = value
  return position + 5
}

/** Writes a typed integer of up to 32 bits in the bytes of its type. */
function writeSmall(chunk: Uint8Array, position: number, { tag, size }: SmallType, value: number): number {
  if (size === 4) return writeInt32(chunk, position, tag, value)
  chunk[position] = tag
  if (size === 2) chunk[position + 1] = value >> 8
  chunk[position + size] = value
  return position + 1 + size
}

function writeLong(output: Output, typeTag: number, value: bigint): void {
  output.reserve(9)
  output.chunk[output.position] = typeTag
  output.view.setBigUint64(output.position + 1, BigInt.asUintN(64, value))
  output.position += 9
}

function writeFloat64(output: Output, value: number): void {
  output.reserve(9)
  output.chunk[output.position] = tag.FLOAT64
  // spec: STT-SER-8. The engine may keep another payload in a NaN that came from outside.
  if (Number.isNaN(value)) output.view.setBigUint64(output.position + 1, NAN_FLOAT64)
  else output.view.setFloat64(output.position + 1, value)
  output.position += 9
}

function writeFloat32(output: Output, value: number): void {
  output.reserve(5)
  output.chunk[output.position] = tag.FLOAT32
  if (Number.isNaN(value)) output.view.setUint32(output.position + 1, NAN_FLOAT32)
  else output.view.setFloat32(output.position + 1, value)
  output.position += 5
}

interface SmallType {
  readonly tag: number
  readonly size: 1 | 2 | 4
}

const integerTypes = {
  int8: { tag: tag.INT8, size: 1 },
  int16: { tag: tag.INT16, size: 2 },
  int32: { tag: tag.INT32, size: 4 },
  int64: { tag: tag.INT64 },
  uint8: { tag: tag.UINT8, size: 1 },
  uint16: { tag: tag.UINT16, size: 2 },
  uint32: { tag: tag.UINT32, size: 4 },
  uint64: { tag: tag.UINT64 },
} as const

const NAN_FLOAT64 = 0x7ff8_0000_0000_0000n
const NAN_FLOAT32 = 0x7fc0_0000
const MIN_SAFE = BigInt(Number.MIN_SAFE_INTEGER)
const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER)
const MIN_INT64 = -(2n ** 63n)
const MAX_INT64 = 2n ** 63n - 1n
const MAX_UINT64 = 2n ** 64n - 1n
