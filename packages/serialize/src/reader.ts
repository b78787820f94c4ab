import { decodeRefusal } from './decode-refusal.ts'
import { Input, type InputOptions } from './input.ts'
import { beforeFirst, type KnownKey, knownKey } from './known-keys.ts'
import { cost } from './limits.ts'
import { readFloat32, readFloat64, readInteger, readIntegers } from './read-number.ts'
import { readUtf8 } from './utf8.ts'
import type { TypedValue } from './value.ts'

/** Reads one value at a time from complete bytes. Every length and count is checked before it is used. */
export class Reader extends Input {
  /** Reads the value that starts at `start` and may reach up to `end`; `position` is then its end. */
  readFrom(bytes: Uint8Array, start: number, end: number, options: InputOptions): TypedValue {
    this.open(bytes, start, end, options)
    try {
      return this.read()
    } finally {
      this.close()
    }
  }

  private read(): TypedValue {
    const start = this.position
    if (start >= this.end) throw decodeRefusal(start, 'truncated')
    const tag = this.bytes[start]!
    return (tag & 0xf8) === 0x10 ? readInteger(this, start, tag) : this.readOther(start, tag)
  }

  private readOther(start: number, tag: number): TypedValue {
    // Literals, not the names of tags.ts: a bundle turns these into variables, which are loaded for each comparison.
    switch (tag) {
      case 0x31:
        return this.string(start)
      case 0x41:
        return this.dict(start)
      case 0x40:
        return this.list(start)
      case 0x30:
        return this.byteArray(start)
      case 0x21:
        return readFloat64(this, start)
      case 0x20:
        return readFloat32(this, start)
      case 0x00:
        this.position = start + 1
        return null
      case 0x01:
        this.position = start + 1
        return false
      case 0x02:
        this.position = start + 1
        return true
      default:
        // spec: STT-SER-2
        throw decodeRefusal(start, 'tag')
    }
  }

  private byteArray(start: number): Uint8Array {
    const length = this.length(start, 1, 'length')
    this.charge(start, cost.bytes)
    const from = this.position
    this.position += length
    const { bytes } = this
    // Not the methods of `bytes`: those of a Buffer return a Buffer.
    if (!this.copy) return new Uint8Array(bytes.buffer, bytes.byteOffset + from, length)
    const copy = new Uint8Array(length)
    copy.set(bytes.subarray(from, from + length))
    return copy
  }

  private string(start: number): string {
    const length = this.length(start, 1, 'length')
    this.charge(start, cost.string)
    this.position += length
    return this.text(start)
  }

  private list(start: number): TypedValue[] {
    this.enter(start)
    const length = this.length(start, 1, 'count')
    this.charge(start, cost.list + cost.listItem * length)
    const items: TypedValue[] = new Array(length)
    let index = 0
    while (index < length) {
      index = readIntegers(this, items, index)
      if (index < length) items[index++] = this.read()
    }
    this.depth++
    return items
  }

  private dict(start: number): { [key: string]: TypedValue } {
    this.enter(start)
    const length = this.length(start, MIN_ENTRY, 'count')
    this.charge(start, cost.dict + cost.dictEntry * length)
    const dict: { [key: string]: TypedValue } = {}
    let previous: KnownKey | undefined = beforeFirst(length)
    let previousStart = -1
    for (let index = 0; index < length; index++) {
      const keyStart = this.position
      let known: KnownKey | undefined = previous?.follower()
      let key: string
      if (known?.standsAt(this.bytes, keyStart, this.end)) {
        this.position = keyStart + known.encodedLength
        key = known.text
      } else {
        this.passKey(keyStart, previousStart)
        known = knownKey(this.bytes, keyStart, this.position)
        key = known === undefined ? this.text(keyStart) : known.text
        if (known !== undefined) previous?.follow(known)
      }
      const value = this.read()
      // spec: STT-SER-13. Plain assignment to this name would set the prototype.
      if (key === '__proto__') Object.defineProperty(dict, key, { value, ...ownProperty })
      else dict[key] = value
      previous = known
      previousStart = keyStart
    }
    this.depth++
    return dict
  }

  private enter(start: number): void {
    // spec: STT-SER-20
    if (this.depth === 0) throw decodeRefusal(start, 'limit-depth')
    this.depth--
  }

  /** Advances over the key at the position; refuses it unless it sorts after the one at `previousStart`. */
  private passKey(start: number, previousStart: number): void {
    // spec: STT-SER-10
    if (start < this.end && this.bytes[start] !== 0x31) throw decodeRefusal(start, 'key-type')
    const length = this.length(start, 1, 'length')
    this.position += length
    if (previousStart >= 0) this.checkOrder(previousStart, start, length)
  }

  private checkOrder(previousStart: number, start: number, length: number): void {
    // spec: STT-SER-11
    const { bytes } = this
    const previousLength = this.uint32(previousStart + 1)
    const common = Math.min(previousLength, length)
    for (let index = 5; index < common + 5; index++) {
      const difference = bytes[start + index]! - bytes[previousStart + index]!
      if (difference > 0) return
      if (difference < 0) throw decodeRefusal(start, 'key-order')
    }
    if (length === previousLength) throw decodeRefusal(start, 'key-duplicate')
    if (length < previousLength) throw decodeRefusal(start, 'key-order')
  }

  /** The text of the string at `start`, which ends at the position. */
  private text(start: number): string {
    const text = readUtf8(this.bytes, start + 5, this.position)
    // spec: STT-SER-9
    if (text === undefined) throw decodeRefusal(start, 'utf8')
    return text
  }
}

/** Bytes of the smallest dict entry: an empty key and a null. */
const MIN_ENTRY = 6
const ownProperty = { writable: true, enumerable: true, configurable: true } as const
