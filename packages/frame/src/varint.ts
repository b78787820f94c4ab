import { invalidArgument, malformed } from './refusal.ts'

/** Largest value that STT puts into a varint: what a JavaScript number holds exactly. RFC 9000 would allow 2^62 - 1. */
export const MAX_VARINT: number = Number.MAX_SAFE_INTEGER

/** Bytes that `value` takes as a varint (RFC 9000 §16): 1, 2, 4 or 8. */
export function varintSize(value: number): number {
  if (value < 0x40) return 1
  if (value < 0x4000) return 2
  if (value < 0x4000_0000) return 4
  return 8
}

/**
 * Writes `value` in its minimal form and returns the offset after it. The caller has made sure of the space.
 *
 * @param value an integer from 0 to 2^53 - 1
 * @throws SttError `STT_INVALID_ARGUMENT` for any other value
 */
// spec: STT-FRM-1
export function writeVarint(buffer: Uint8Array, offset: number, value: number): number {
  if (!Number.isSafeInteger(value) || value < 0)
    throw invalidArgument(`a varint holds an integer from 0 to 2^53 - 1, not ${value}`)
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
    buffer[offset] = 0x80 | (value >>> 24)
    buffer[offset + 1] = value >>> 16
    buffer[offset + 2] = value >>> 8
    buffer[offset + 3] = value
    return offset + 4
  }
  writeUint32(buffer, offset, 0xc000_0000 + Math.floor(value / TWO_32))
  writeUint32(buffer, offset + 4, value % TWO_32)
  return offset + 8
}

/** Reads big-endian fields from a range of bytes and refuses to pass its end. One reader serves many packets. */
export class ByteReader {
  #bytes: Uint8Array = EMPTY
  #offset = 0
  #end = 0

  reset(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes
    this.#offset = start
    this.#end = end
  }

  get offset(): number {
    return this.#offset
  }

  get remaining(): number {
    return this.#end - this.#offset
  }

  /** @throws ProtocolError (rule `truncated`) when nothing is left */
  uint8(): number {
    this.#need(1)
    return this.#bytes[this.#offset++]!
  }

  /**
   * A varint in minimal form, at most 2^53 - 1.
   *
   * @throws ProtocolError with rule `truncated`, `varint-not-minimal` or `varint-too-large`
   */
  // spec: STT-FRM-1
  varint(): number {
    this.#need(1)
    const bytes = this.#bytes
    const start = this.#offset
    const first = bytes[start]!
    if (first < 0x40) {
      this.#offset = start + 1
      return first
    }
    const size = 1 << (first >>> 6)
    this.#need(size)
    this.#offset = start + size
    if (size === 2) return this.#minimal(((first & 0x3f) << 8) | bytes[start + 1]!, 0x40, start)
    if (size === 4) return this.#minimal(readUint32(bytes, start) - 0x8000_0000, 0x4000, start)
    const high = readUint32(bytes, start) - 0xc000_0000
    if (high >= TWO_21) throw malformed('varint-too-large', start, 'a varint above 2^53 - 1')
    return this.#minimal(high * TWO_32 + readUint32(bytes, start + 4), 0x4000_0000, start)
  }

  /** A view of the next `length` bytes. */
  take(length: number): Uint8Array {
    this.#need(length)
    const start = this.#offset
    this.#offset = start + length
    return this.#bytes.subarray(start, start + length)
  }

  #need(length: number): void {
    if (length > this.#end - this.#offset)
      throw malformed('truncated', this.#offset, 'a field that passes the end of its packet')
  }

  #minimal(value: number, least: number, start: number): number {
    if (value < least) throw malformed('varint-not-minimal', start, `a varint longer than ${value} needs`)
    return value
  }
}

/** Reads a big-endian u32. */
export function readUint32(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset]! << 24) | (bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!) >>> 0
}

/** Writes a big-endian u32. */
export function writeUint32(buffer: Uint8Array, offset: number, value: number): void {
  buffer[offset] = value >>> 24
  buffer[offset + 1] = value >>> 16
  buffer[offset + 2] = value >>> 8
  buffer[offset + 3] = value
}

const TWO_21 = 2 ** 21
const TWO_32 = 2 ** 32
const EMPTY = new Uint8Array(0)
