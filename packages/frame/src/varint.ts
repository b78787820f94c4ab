import { describe } from '@stt/errors'
import { invalidArgument } from './refusal.ts'
import { writeUint32 } from './uint32.ts'

/** The largest value of a varint in STT, because a JavaScript number holds no larger one exactly. RFC 9000 allows 2^62 - 1. */
export const MAX_VARINT: number = Number.MAX_SAFE_INTEGER

/**
 * Bytes that `value` takes as a varint (RFC 9000 §16): 1, 2, 4 or 8.
 *
 * @param value an integer from 0 to 2^53 - 1
 * @throws SttError `STT_INVALID_ARGUMENT` for any other value
 */
export function varintSize(value: number): number {
  check(value)
  if (value < 0x40) return 1
  if (value < 0x4000) return 2
  if (value < 0x4000_0000) return 4
  return 8
}

/** Bytes of the varint that starts with `firstByte`: 1, 2, 4 or 8. */
export function varintSizeFrom(firstByte: number): number {
  return 1 << (firstByte >>> 6)
}

/**
 * Writes `value` in its minimal form and returns the offset after it. The caller has made sure of the space.
 *
 * @param value an integer from 0 to 2^53 - 1
 * @throws SttError `STT_INVALID_ARGUMENT` for any other value
 */
// spec: STT-FRM-1 STT-FRM-2
export function writeVarint(buffer: Uint8Array, offset: number, value: number): number {
  check(value)
  if (value < 0x40) {
    buffer[offset] = value
    return offset + 1
  }
  if (value < 0x4000) {
    buffer[offset] = 0x40 | (value >>> 8)
    buffer[offset + 1] = value
    return offset + 2
  }
  if (value < 0x4000_0000) {
    writeUint32(buffer, offset, 0x8000_0000 + value)
    return offset + 4
  }
  writeUint32(buffer, offset, 0xc000_0000 + Math.floor(value / TWO_32))
  writeUint32(buffer, offset + 4, value % TWO_32)
  return offset + 8
}

function check(value: number): void {
  if (Number.isSafeInteger(value) && value >= 0) return
  throw invalidArgument(`a varint holds an integer from 0 to 2^53 - 1, not ${describe(value)}`)
}

const TWO_32 = 2 ** 32
