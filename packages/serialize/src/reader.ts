import { type DecodeRule, decodeRefusal } from './decode-refusal.ts'
import { cost, type ResolvedLimits } from './limits.ts'
import * as tag from './tags.ts'
import { type NumberType, TypedNumber } from './typed.ts'
import { readUtf8 } from './utf8.ts'
import type { TypedValue } from './value.ts'

export interface ReaderOptions {
  readonly typed: boolean
  readonly canonical: boolean
  readonly copy: boolean
  readonly limits: ResolvedLimits
}

/** Reads one value from bytes that are all there. Every length and count is checked before it is believed. */
export class Reader {
  readonly #bytes: Uint8Array
  readonly #end: number
  readonly #typed: boolean
  readonly #canonical: boolean
  readonly #copy: boolean
  #position: number
  /** How many more containers may be nested here. */
  #depth: number
  /** What is left of limits.memory. */
  #memory: number

  constructor(bytes: Uint8Array, start: number, end: number, options: ReaderOptions) {
    this.#bytes = bytes
    this.#position = start
    this.#end = end
    this.#typed = options.typed
    this.#canonical = options.canonical
    this.#copy = options.copy
    this.#depth = options.limits.depth
    this.#memory = options.limits.memory
  }

  /** Where the next value starts. */
  get position(): number {
    return this.#position
  }

  read(): TypedValue {
    const bytes = this.#bytes
    const start = this.#position
    if (start >= this.#end) throw decodeRefusal(start, 'truncated')
    switch (bytes[start]) {
      case tag.NULL:
        this.#position = start + 1
        return null
      case tag.FALSE:
        this.#position = start + 1
        return false
      case tag.TRUE:
        this.#position = start + 1
        return true
      case tag.INT8:
        this.#take(2)
        return (bytes[start + 1]! << 24) >> 24
      case tag.INT16: {
        this.#take(3)
        const value = (this.#uint16(start + 1) << 16) >> 16
        return (value << 24) >> 24 === value ? this.#wide(start, 'int16', value) : value
      }
      case tag.INT32: {
        this.#take(5)
        const value = this.#uint32(start + 1) | 0
        return (value << 16) >> 16 === value ? this.#wide(start, 'int32', value) : value
      }
      case tag.INT64:
        return this.#int64(start)
      case tag.UINT8:
        this.#take(2)
        return this.#wide(start, 'uint8', bytes[start + 1]!)
      case tag.UINT16:
        this.#take(3)
        return this.#wide(start, 'uint16', this.#uint16(start + 1))
      case tag.UINT32:
        this.#take(5)
        return this.#wide(start, 'uint32', this.#uint32(start + 1))
      case tag.UINT64:
        return this.#uint64(start)
      case tag.FLOAT32:
        return this.#float32(start)
      case tag.FLOAT64:
        return this.#float64(start)
      case tag.BYTES:
        return this.#byteArray(start)
      case tag.STRING:
        return this.#string(start)
      case tag.LIST:
        return this.#list(start)
      case tag.DICT:
        return this.#dict(start)
      default:
        throw decodeRefusal(start, 'tag')
    }
  }

  /** Advances over the `length` bytes of the value at the position, which must be there. */
  #take(length: number): void {
    if (length > this.#end - this.#position) throw decodeRefusal(this.#position, 'truncated')
    this.#position += length
  }

  #charge(start: number, bytes: number): void {
    // spec: STT-SER-21
    if (bytes > this.#memory) throw decodeRefusal(start, 'limit-memory')
    this.#memory -= bytes
  }

  #uint16(offset: number): number {
    return (this.#bytes[offset]! << 8) | this.#bytes[offset + 1]!
  }

  #uint32(offset: number): number {
    const bytes = this.#bytes
    return ((bytes[offset]! << 24) | (bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!) >>> 0
  }

  /** A number in a form that plain encoding would not give it. */
  #wide(start: number, type: NumberType, value: number | bigint): TypedValue {
    // spec: STT-SER-6
    if (this.#canonical) throw decodeRefusal(start, 'canonical')
    if (!this.#typed) return value
    this.#charge(start, cost.wrapper)
    return TypedNumber.of(type, value)
  }

  #int64(start: number): TypedValue {
    this.#take(9)
    const high = this.#uint32(start + 1) | 0
    const low = this.#uint32(start + 5)
    const value = high * 2 ** 32 + low
    if (!Number.isSafeInteger(value)) {
      this.#charge(start, cost.bigint)
      return (BigInt(high) << 32n) | BigInt(low)
    }
    return (value | 0) === value ? this.#wide(start, 'int64', value) : value
  }

  #uint64(start: number): TypedValue {
    this.#take(9)
    const high = this.#uint32(start + 1)
    const low = this.#uint32(start + 5)
    const value = high * 2 ** 32 + low
    if (Number.isSafeInteger(value)) return this.#wide(start, 'uint64', value)
    this.#charge(start, cost.bigint)
    const big = (BigInt(high) << 32n) | BigInt(low)
    return high < 0x8000_0000 ? this.#wide(start, 'uint64', big) : big
  }

  #float32(start: number): TypedValue {
    this.#take(5)
    for (let index = 0; index < 4; index++) floatBytes[index] = this.#bytes[start + 1 + index]!
    const value = floatView.getFloat32(0)
    // spec: STT-SER-9
    if (Number.isNaN(value) && floatView.getUint32(0) !== 0x7fc0_0000) throw decodeRefusal(start, 'nan')
    return this.#wide(start, 'float32', value)
  }

  #float64(start: number): TypedValue {
    this.#take(9)
    for (let index = 0; index < 8; index++) floatBytes[index] = this.#bytes[start + 1 + index]!
    const value = floatView.getFloat64(0)
    if (Number.isNaN(value)) {
      const isOneForm = floatView.getUint32(0) === 0x7ff8_0000 && floatView.getUint32(4) === 0
      if (!isOneForm) throw decodeRefusal(start, 'nan')
      return value
    }
    return Number.isSafeInteger(value) ? this.#wide(start, 'float64', value) : value
  }

  /** The length or count field of the value at `start`; the position is then behind it. */
  #length(start: number, minimumEach: number, rule: DecodeRule): number {
    this.#take(5)
    const length = this.#uint32(start + 1)
    // spec: STT-SER-15
    if (length * minimumEach > this.#end - this.#position) throw decodeRefusal(start, rule)
    return length
  }

  #byteArray(start: number): Uint8Array {
    const length = this.#length(start, 1, 'length')
    this.#charge(start, cost.bytes)
    const from = this.#position
    this.#position += length
    const bytes = this.#bytes
    // Not `subarray`, which would give a Buffer for a Buffer.
    if (!this.#copy) return new Uint8Array(bytes.buffer, bytes.byteOffset + from, length)
    return Uint8Array.prototype.slice.call(bytes, from, from + length)
  }

  #string(start: number): string {
    const length = this.#length(start, 1, 'length')
    this.#charge(start, cost.string)
    const from = this.#position
    this.#position += length
    const text = readUtf8(this.#bytes, from, this.#position)
    if (text === undefined) throw decodeRefusal(start, 'utf8')
    return text
  }

  #list(start: number): TypedValue[] {
    this.#enter(start)
    const length = this.#length(start, 1, 'count')
    this.#charge(start, cost.list + cost.listItem * length)
    const items: TypedValue[] = []
    for (let index = 0; index < length; index++) items.push(this.read())
    this.#depth++
    return items
  }

  #dict(start: number): { [key: string]: TypedValue } {
    this.#enter(start)
    const length = this.#length(start, MIN_ENTRY, 'count')
    this.#charge(start, cost.dict + cost.dictEntry * length)
    const dict: { [key: string]: TypedValue } = {}
    let previousStart = 0
    let previousEnd = -1
    for (let index = 0; index < length; index++) {
      const keyTag = this.#position
      if (keyTag < this.#end && this.#bytes[keyTag] !== tag.STRING) throw decodeRefusal(keyTag, 'key-type')
      const keyEnd = keyTag + 5 + this.#length(keyTag, 1, 'length')
      const keyStart = this.#position
      if (previousEnd >= 0) this.#checkOrder(previousStart, previousEnd, keyStart, keyEnd)
      const key = readUtf8(this.#bytes, keyStart, keyEnd)
      if (key === undefined) throw decodeRefusal(keyTag, 'utf8')
      this.#position = keyEnd
      const value = this.read()
      if (key === '__proto__') Object.defineProperty(dict, key, { value, ...ownProperty })
      else dict[key] = value
      previousStart = keyStart
      previousEnd = keyEnd
    }
    this.#depth++
    return dict
  }

  #enter(start: number): void {
    // spec: STT-SER-20
    if (this.#depth === 0) throw decodeRefusal(start, 'limit-depth')
    this.#depth--
  }

  /** Refuses the key at `start` unless it comes after the one before it. */
  #checkOrder(previousStart: number, previousEnd: number, start: number, end: number): void {
    // spec: STT-SER-12
    const bytes = this.#bytes
    const previousLength = previousEnd - previousStart
    const length = end - start
    const common = Math.min(previousLength, length)
    for (let index = 0; index < common; index++) {
      const difference = bytes[start + index]! - bytes[previousStart + index]!
      if (difference > 0) return
      if (difference < 0) throw decodeRefusal(start - 5, 'key-order')
    }
    if (length === previousLength) throw decodeRefusal(start - 5, 'key-duplicate')
    if (length < previousLength) throw decodeRefusal(start - 5, 'key-order')
  }
}

/** Bytes of the smallest dict entry: an empty key and a null. */
const MIN_ENTRY = 6
const ownProperty = { writable: true, enumerable: true, configurable: true } as const
const floatBytes = new Uint8Array(8)
const floatView = new DataView(floatBytes.buffer)
