import { malformed } from './refusal.ts'
import { readUint32 } from './uint32.ts'
import { varintSizeFrom } from './varint.ts'

/** Reads big-endian fields from a range of bytes and refuses to pass its end. One reader serves many packets. */
export class ByteReader {
  #bytes: Uint8Array = EMPTY
  #offset = 0
  #end = 0

  /** Begins anew with the bytes from `start` to `end`. */
  reset(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes
    this.#offset = start
    this.#end = end
  }

  /** Offset of the next byte. */
  get offset(): number {
    return this.#offset
  }

  /** Bytes that are left. */
  get remaining(): number {
    return this.#end - this.#offset
  }

  /**
   * The next byte.
   *
   * @throws ProtocolError with rule `truncated` when none is left
   */
  uint8(): number {
    this.#need(1)
    return this.#bytes[this.#offset++]!
  }

  /**
   * A varint in minimal form, at most 2^53 - 1.
   *
   * @throws ProtocolError with rule `truncated`, `varint-not-minimal` or `varint-too-large`
   */
  // spec: STT-FRM-1 STT-FRM-2
  varint(): number {
    this.#need(1)
    const bytes = this.#bytes
    const start = this.#offset
    const first = bytes[start]!
    if (first < 0x40) {
      this.#offset = start + 1
      return first
    }
    const size = varintSizeFrom(first)
    this.#need(size)
    this.#offset = start + size
    if (size === 2) return minimal(((first & 0x3f) << 8) | bytes[start + 1]!, 0x40, start)
    if (size === 4) return minimal(readUint32(bytes, start) - 0x8000_0000, 0x4000, start)
    const high = readUint32(bytes, start) - 0xc000_0000
    if (high >= TWO_21) throw malformed('varint-too-large', start, 'a varint above 2^53 - 1')
    return minimal(high * TWO_32 + readUint32(bytes, start + 4), 0x4000_0000, start)
  }

  /**
   * A view of the next `length` bytes.
   *
   * @throws ProtocolError with rule `truncated` when there are fewer
   */
  take(length: number): Uint8Array {
    this.#need(length)
    const start = this.#offset
    this.#offset = start + length
    return this.#bytes.subarray(start, start + length)
  }

  // spec: STT-FRM-5
  #need(length: number): void {
    if (length > this.#end - this.#offset)
      throw malformed('truncated', this.#offset, 'a field that passes the end of its bytes')
  }
}

function minimal(value: number, least: number, start: number): number {
  if (value < least) throw malformed('varint-not-minimal', start, `a varint longer than ${value} needs`)
  return value
}

const TWO_21 = 2 ** 21
const TWO_32 = 2 ** 32
const EMPTY = new Uint8Array(0)
