import { EncodeRefusal } from './encode-refusal.ts'
import { sortKeys } from './key-order.ts'
import { MAX_DEPTH } from './limits.ts'
import { isPlainArray, isPlainObject, refuseObject } from './plain.ts'
import * as tag from './tags.ts'
import { TypedNumber } from './typed.ts'
import { writeUtf8 } from './utf8.ts'
import type { Encodable } from './value.ts'

/** Writes values into a scratch buffer that grows; large byte arrays are only referred to, and copied once at the end. */
export class Writer {
  #scratch = new Uint8Array(MIN_SCRATCH)
  #view = new DataView(this.#scratch.buffer)
  #position = 0
  /** Byte arrays that stand between two parts of the scratch. */
  #pieces: { readonly at: number; readonly bytes: Uint8Array }[] = []
  #piecesLength = 0
  /** The containers that the writer is inside of. */
  #ancestors: object[] = []

  /** Encoded bytes of what was written since the last `reset`. */
  get length(): number {
    return this.#position + this.#piecesLength
  }

  reset(): void {
    this.#position = 0
    if (this.#piecesLength > 0) {
      this.#pieces = []
      this.#piecesLength = 0
    }
    this.#ancestors.length = 0
    if (this.#scratch.length > MAX_KEPT_SCRATCH) this.#replaceScratch(new Uint8Array(MIN_SCRATCH))
  }

  /** Copies what was written to `target` at `offset`, where it must fit. */
  copyTo(target: Uint8Array, offset: number): void {
    let from = 0
    let to = offset
    for (const { at, bytes } of this.#pieces) {
      target.set(this.#scratch.subarray(from, at), to)
      to += at - from
      target.set(bytes, to)
      to += bytes.length
      from = at
    }
    target.set(this.#scratch.subarray(from, this.#position), to)
  }

  write(value: Encodable): void {
    if (typeof value === 'number') this.#number(value)
    else if (typeof value === 'string') this.#string(value)
    else if (typeof value === 'object' && value !== null) this.#object(value)
    else if (typeof value === 'bigint') this.#bigint(value)
    else this.#tag(constantTag(value))
  }

  #object(value: object): void {
    if (isPlainArray(value)) this.#list(value as readonly Encodable[])
    else if (isPlainObject(value)) this.#dict(value as { readonly [key: string]: Encodable })
    else if (value instanceof Uint8Array) this.#bytes(value)
    else if (value instanceof TypedNumber) this.#typed(value)
    else throw refuseObject(value)
  }

  #list(items: readonly Encodable[]): void {
    this.#enter(items)
    const { length } = items
    this.#header(tag.LIST, length)
    let index = 0
    try {
      for (; index < length; index++) {
        const item = items[index]
        if (item === undefined && !(index in items)) {
          throw new EncodeRefusal('sparse-array', 'a sparse array has no encoding; fill its holes')
        }
        this.write(item as Encodable)
      }
    } catch (error) {
      throw error instanceof EncodeRefusal ? error.within(index) : error
    }
    this.#ancestors.pop()
  }

  #dict(dict: { readonly [key: string]: Encodable }): void {
    this.#enter(dict)
    const keys = sortKeys(Object.keys(dict))
    this.#header(tag.DICT, keys.length)
    let index = 0
    try {
      for (; index < keys.length; index++) {
        const key = keys[index]!
        this.#string(key)
        this.write(dict[key] as Encodable)
      }
    } catch (error) {
      throw error instanceof EncodeRefusal ? error.within(keys[index]!) : error
    }
    this.#ancestors.pop()
  }

  #enter(container: object): void {
    const ancestors = this.#ancestors
    if (ancestors.includes(container)) throw new EncodeRefusal('cycle', 'the value contains itself')
    // spec: STT-SER-20
    if (ancestors.length === MAX_DEPTH) throw new EncodeRefusal('depth', `more than ${MAX_DEPTH} nested containers`)
    ancestors.push(container)
  }

  #number(value: number): void {
    if (!Number.isSafeInteger(value)) this.#float64(value)
    else if ((value | 0) !== value) this.#long(tag.INT64, BigInt(value))
    else if ((value << 24) >> 24 === value) this.#small(tag.INT8, value, 1)
    else if ((value << 16) >> 16 === value) this.#small(tag.INT16, value, 2)
    else this.#small(tag.INT32, value, 4)
  }

  #bigint(value: bigint): void {
    if (value >= MIN_SAFE && value <= MAX_SAFE) this.#number(Number(value))
    else if (value >= MIN_INT64 && value <= MAX_INT64) this.#long(tag.INT64, value)
    else if (value > 0n && value <= MAX_UINT64) this.#long(tag.UINT64, value)
    else throw new EncodeRefusal('integer-range', 'a bigint must be from -2^63 to 2^64 - 1')
  }

  #typed(number: TypedNumber): void {
    const { type, value } = number
    if (type === 'float64') this.#float64(value as number)
    else if (type === 'float32') this.#float32(value as number)
    else if (type === 'int64' || type === 'uint64') this.#long(integerTypes[type].tag, BigInt(value))
    else this.#small(integerTypes[type].tag, value as number, integerTypes[type].size)
  }

  /** An integer of up to 32 bits, signed or not. */
  #small(typeTag: number, value: number, size: 1 | 2 | 4): void {
    this.#reserve(5)
    const scratch = this.#scratch
    let position = this.#position
    scratch[position++] = typeTag
    if (size === 4) {
      scratch[position++] = value >>> 24
      scratch[position++] = value >>> 16
    }
    if (size > 1) scratch[position++] = value >>> 8
    scratch[position++] = value
    this.#position = position
  }

  #long(typeTag: number, value: bigint): void {
    this.#reserve(9)
    this.#scratch[this.#position] = typeTag
    this.#view.setBigUint64(this.#position + 1, BigInt.asUintN(64, value))
    this.#position += 9
  }

  #float64(value: number): void {
    this.#reserve(9)
    this.#scratch[this.#position] = tag.FLOAT64
    if (!Number.isNaN(value)) {
      this.#view.setFloat64(this.#position + 1, value)
    } else {
      // spec: STT-SER-9. The engine may keep another payload in a NaN that came from outside.
      this.#view.setUint32(this.#position + 1, 0x7ff80000)
      this.#view.setUint32(this.#position + 5, 0)
    }
    this.#position += 9
  }

  #float32(value: number): void {
    this.#reserve(5)
    this.#scratch[this.#position] = tag.FLOAT32
    if (!Number.isNaN(value)) this.#view.setFloat32(this.#position + 1, value)
    else this.#view.setUint32(this.#position + 1, 0x7fc00000)
    this.#position += 5
  }

  #string(text: string): void {
    this.#reserve(5 + 3 * text.length)
    const start = this.#position
    const end = writeUtf8(text, this.#scratch, start + 5)
    // spec: STT-SER-11
    if (end < 0) throw new EncodeRefusal('surrogate', 'a lone surrogate has no UTF-8 form')
    this.#header(tag.STRING, end - start - 5)
    this.#position = end
  }

  #bytes(bytes: Uint8Array): void {
    const { length } = bytes
    if (length > MAX_UINT32) throw new EncodeRefusal('length', 'a byte array must be shorter than 4 GiB')
    this.#header(tag.BYTES, length)
    if (length >= MIN_PIECE) {
      this.#pieces.push({ at: this.#position, bytes })
      this.#piecesLength += length
      return
    }
    this.#reserve(length)
    this.#scratch.set(bytes, this.#position)
    this.#position += length
  }

  #tag(value: number): void {
    this.#reserve(1)
    this.#scratch[this.#position++] = value
  }

  #header(typeTag: number, length: number): void {
    this.#reserve(5)
    const scratch = this.#scratch
    const position = this.#position
    scratch[position] = typeTag
    scratch[position + 1] = length >>> 24
    scratch[position + 2] = length >>> 16
    scratch[position + 3] = length >>> 8
    scratch[position + 4] = length
    this.#position = position + 5
  }

  #reserve(length: number): void {
    const needed = this.#position + length
    if (needed <= this.#scratch.length) return
    const grown = new Uint8Array(Math.max(needed, 2 * this.#scratch.length))
    grown.set(this.#scratch.subarray(0, this.#position))
    this.#replaceScratch(grown)
  }

  #replaceScratch(scratch: Uint8Array<ArrayBuffer>): void {
    this.#scratch = scratch
    this.#view = new DataView(scratch.buffer)
  }
}

/** The tag of a value that is nothing but its tag. */
function constantTag(value: unknown): number {
  if (value === null) return tag.NULL
  if (value === true) return tag.TRUE
  if (value === false) return tag.FALSE
  if (value === undefined) {
    throw new EncodeRefusal('undefined', 'undefined has no encoding; leave the key out or use null')
  }
  const type = typeof value === 'function' ? 'function' : 'symbol'
  throw new EncodeRefusal(type, `a ${type} has no encoding`)
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

const MIN_SCRATCH = 16 * 1024
const MAX_KEPT_SCRATCH = 1024 * 1024
/** Byte arrays from this length on are copied once, into the result. */
const MIN_PIECE = 4096
const MAX_UINT32 = 0xffff_ffff
const MIN_SAFE = BigInt(Number.MIN_SAFE_INTEGER)
const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER)
const MIN_INT64 = -(2n ** 63n)
const MAX_INT64 = 2n ** 63n - 1n
const MAX_UINT64 = 2n ** 64n - 1n
