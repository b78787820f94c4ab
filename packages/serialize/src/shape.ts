import { STRING } from './tags.ts'
import { writeUtf8 } from './utf8.ts'

/** A sequence of dict keys and how to write it. Dicts share it and do not change it. */
export class Shape {
  /** The property of each key in encoded order, which is that of UTF-8 bytes, and so of code points. */
  readonly order: readonly number[]
  /**
   * The keys in that order, as encoded in a dict, each padded to whole little-endian words: four bytes are written as fast as
   * one. Undefined until the shape was met twice, or when a key is refused.
   */
  words: Uint32Array | undefined
  /** Bytes of each key in that order, without the padding. */
  lengths: readonly number[] = []
  /** In the order of the properties. */
  private readonly keys: readonly string[]

  constructor(keys: readonly string[]) {
    this.keys = keys
    this.order = keys.map((_, index) => index).sort(comparison(keys))
  }

  /** Whether the keys are those of `stack[from … to)`. */
  isOf(stack: readonly string[], from: number, to: number): boolean {
    const { keys } = this
    if (keys.length !== to - from) return false
    for (let index = 0; index < keys.length; index++) {
      if (keys[index] !== stack[from + index]) return false
    }
    return true
  }

  encode(): void {
    const parts = this.order.map(index => encodeKey(this.keys[index]!))
    const lengths = parts.map(part => part?.length ?? 0)
    if (lengths.includes(0)) return
    const words: number[] = []
    for (const part of parts) {
      const filled = new DataView(new ArrayBuffer(Math.ceil(part!.length / 4) * 4))
      for (const [offset, byte] of part!.entries()) filled.setUint8(offset, byte)
      for (let offset = 0; offset < filled.byteLength; offset += 4) words.push(filled.getUint32(offset, true))
    }
    this.words = Uint32Array.from(words)
    this.lengths = lengths
  }
}

/** The shape of the keys `stack[from … to)`. Shapes are remembered, as programs make dicts of few shapes. */
export function shapeOf(stack: readonly string[], from: number, to: number): Shape {
  const length = to - from
  if (length === 0 || length > MAX_KEYS) return new Shape(stack.slice(from, to))
  const first = stack[from]!
  const last = stack[to - 1]!
  const slot =
    (length * 7 + first.length * 3 + last.length * 5 + first.charCodeAt(0) + last.charCodeAt(0) * 11) & SLOT_MASK
  const known = slots[slot]
  if (known === undefined || !known.isOf(stack, from, to)) return (slots[slot] = new Shape(stack.slice(from, to)))
  if (known.words === undefined && totalLength(stack, from, to) <= MAX_TEXT) known.encode()
  return known
}

/** JavaScript's own order, by UTF-16 units, puts U+10000 and above before U+E000 … U+FFFF. */
function comparison(keys: readonly string[]): (a: number, b: number) => number {
  // spec: STT-SER-12
  if (keys.some(key => surrogate.test(key))) return (a, b) => compareCodePoints(keys[a]!, keys[b]!)
  return (a, b) => (keys[a]! < keys[b]! ? -1 : 1)
}

function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index)
    const right = b.charCodeAt(index)
    if (left !== right) return codePointRank(left) - codePointRank(right)
  }
  return a.length - b.length
}

/** Moves surrogates above all other units, where their code points belong. */
const codePointRank = (unit: number): number => (unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit)

/** Undefined for a key with a lone surrogate. */
function encodeKey(key: string): Uint8Array<ArrayBuffer> | undefined {
  const buffer = new Uint8Array(5 + 3 * key.length)
  const end = writeUtf8(key, buffer, 5)
  if (end < 0) return undefined
  buffer[0] = STRING
  new DataView(buffer.buffer).setUint32(1, end - 5)
  return buffer.slice(0, end)
}

function totalLength(stack: readonly string[], from: number, to: number): number {
  let length = 0
  for (let index = from; index < to; index++) length += stack[index]!.length
  return length
}

const surrogate = /[\ud800-\udfff]/
/** Bounds of what one shape keeps. */
const MAX_KEYS = 64
const MAX_TEXT = 2048
const SLOT_MASK = 63
const slots: (Shape | undefined)[] = new Array(SLOT_MASK + 1).fill(undefined)
