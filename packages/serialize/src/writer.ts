import { bytesOf } from '@stt/errors'
import { isBytes } from './bytes.ts'
import { EncodeRefusal } from './encode-refusal.ts'
import { MAX_DEPTH } from './limits.ts'
import { Output, writeHeader } from './output.ts'
import { isPlainArray, isPlainPrototype, isPrototypeExtended, refuseObject } from './plain.ts'
import { shapeOf } from './shape.ts'
import * as tag from './tags.ts'
import { TypedNumber } from './typed.ts'
import { toUtf8, writeUtf8 } from './utf8.ts'
import type { Encodable } from './value.ts'
import { writeBigint, writeInteger, writeNumber, writeTyped } from './write-number.ts'

/** Writes one value at a time. `reset` it after each value, and after an `EncodeRefusal`, which it throws. */
export class Writer extends Output {
  /** The open containers. */
  private readonly ancestors: (object | undefined)[] = new Array(MAX_DEPTH).fill(undefined)
  private depth = 0
  /** The properties of the open dicts. */
  private keys: string[] = []
  private values: unknown[] = []
  private top = 0
  private isPrototypeExtended = false

  write(value: Encodable): void {
    this.isPrototypeExtended = isPrototypeExtended()
    this.value(value)
  }

  override reset(): void {
    super.reset()
    if (this.depth === 0 && this.keys.length <= MAX_KEPT_PROPERTIES) return
    this.ancestors.fill(undefined)
    this.depth = 0
    this.keys = []
    this.values = []
    this.top = 0
  }

  private value(value: Encodable): void {
    if (typeof value === 'number') writeNumber(this, value)
    else if (typeof value === 'string') this.string(value)
    else if (typeof value === 'object' && value !== null) this.object(value)
    else if (typeof value === 'bigint') writeBigint(this, value)
    else this.tag(constantTag(value))
  }

  private object(value: object): void {
    const prototype: object | null = Object.getPrototypeOf(value)
    if (prototype === Object.prototype && !this.isPrototypeExtended) {
      this.dict(value, value as Properties)
    } else if (isPlainArray(value)) {
      this.list(value as readonly Encodable[])
    } else if (isBytes(value)) {
      // spec: STT-SER-3
      // Memory that was transferred away looks empty, and is refused as such.
      const bytes = value.length > 0 ? value : bytesOf(value, 'a byte array in the value')
      this.header(tag.BYTES, bytes.length)
      this.raw(bytes)
    } else if (value instanceof TypedNumber) {
      writeTyped(this, value)
    } else if (isPlainPrototype(prototype)) {
      this.dict(value, (prototype === null ? value : { __proto__: null, ...value }) as Properties)
    } else {
      throw refuseObject(value)
    }
  }

  private list(items: readonly Encodable[]): void {
    this.enter(items)
    const { length } = items
    // spec: STT-SER-4
    this.header(tag.LIST, length)
    let index = 0
    try {
      while (index < length) {
        index = this.integers(items, index, length)
        if (index === length) break
        const item = items[index]
        if (item === undefined && !(index in items)) {
          throw new EncodeRefusal('sparse-array', 'a sparse array has no encoding; fill its holes')
        }
        this.value(item as Encodable)
        index++
      }
    } catch (error) {
      throw error instanceof EncodeRefusal ? error.within(index) : error
    }
    this.leave()
  }

  /** Writes the run of integers of up to 32 bits that starts at `from`. @returns the index after it */
  private integers(items: readonly Encodable[], from: number, length: number): number {
    let index = from
    let { position } = this
    for (; index < length; index++) {
      const item = items[index]
      if (typeof item !== 'number' || (item | 0) !== item) break
      if (position + 5 > this.chunk.length) {
        this.position = position
        this.reserve(5)
        position = this.position
      }
      position = writeInteger(this.chunk, position, item)
    }
    this.position = position
    return index
  }

  /** @param own the properties of `dict`, without inherited ones */
  private dict(dict: object, own: Properties): void {
    this.enter(dict)
    // Reading a property by its name costs several times as much as inside a `for in` over the same object: all are read
    // there, onto a stack, and written from it in the order of the keys.
    const { keys, values } = this
    const base = this.top
    let top = base
    for (const key in own) {
      keys[top] = key
      values[top++] = own[key]
    }
    this.top = top
    const { order, words, lengths } = shapeOf(keys, base, top)
    const { length } = order
    this.header(tag.DICT, length)
    let property = base
    try {
      for (let index = 0, from = 0; index < length; index++) {
        property = base + order[index]!
        if (words === undefined) this.string(keys[property]!)
        else from = this.knownKey(words, from, lengths[index]!)
        this.value(values[property] as Encodable)
        values[property] = undefined
      }
    } catch (error) {
      throw error instanceof EncodeRefusal ? error.within(keys[property]!) : error
    }
    this.top = base
    this.leave()
  }

  private enter(container: object): void {
    const { ancestors, depth } = this
    for (let index = 0; index < depth; index++) {
      if (ancestors[index] === container) throw new EncodeRefusal('cycle', 'the value contains itself')
    }
    // spec: STT-SER-20
    if (depth === MAX_DEPTH) throw new EncodeRefusal('depth', `more than ${MAX_DEPTH} nested containers`)
    ancestors[depth] = container
    this.depth = depth + 1
  }

  private leave(): void {
    this.ancestors[--this.depth] = undefined
  }

  private string(text: string): void {
    if (text.length > LONG_TEXT) {
      const bytes = toUtf8(text)
      if (bytes === undefined) throw loneSurrogate()
      this.header(tag.STRING, bytes.length)
      this.raw(bytes)
      return
    }
    this.reserve(5 + 3 * text.length)
    const { chunk, position } = this
    const end = writeUtf8(text, chunk, position + 5)
    if (end < 0) throw loneSurrogate()
    writeHeader(chunk, position, tag.STRING, end - position - 5)
    this.position = end
  }

  /** Writes the `length` bytes of the key that starts at `words[from]`. @returns the index of the next key */
  private knownKey(words: Uint32Array, from: number, length: number): number {
    this.reserve(length + 3)
    const { position, view } = this
    let index = from
    // The value overwrites the padding of the last word.
    for (let offset = 0; offset < length; offset += 4) view.setUint32(position + offset, words[index++]!, true)
    this.position = position + length
    return index
  }
}

type Properties = { readonly [key: string]: unknown }

// spec: STT-SER-9
const loneSurrogate = (): EncodeRefusal => new EncodeRefusal('surrogate', 'a lone surrogate has no UTF-8 form')

/** The tag of a value that consists of its tag. */
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

const MAX_KEPT_PROPERTIES = 1024
/** UTF-16 units above which a string is encoded separately: room for it in the chunk would be three times its length. */
const LONG_TEXT = 16 * 1024
