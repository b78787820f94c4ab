import type { NumberType } from '../src/index.ts'
import type { Notation } from './notation.ts'

/**
 * Section 8 of docs/PROTOCOL.md once more, read plainly and without a thought for speed: what the real decoder is
 * compared with. Gives the value in the notation of the vectors, or undefined when the bytes are refused.
 */
export function referenceDecode(bytes: Uint8Array): Notation | undefined {
  try {
    const [value, end] = read(bytes, 0, 0)
    return end === bytes.length ? value : undefined
  } catch (error) {
    if (error instanceof Refused) return undefined
    throw error
  }
}

class Refused extends Error {}

function read(bytes: Uint8Array, at: number, depth: number): [Notation, end: number] {
  const [tag] = take(bytes, at, 1)
  if (tag === 0x00) return [null, at + 1]
  if (tag === 0x01) return [false, at + 1]
  if (tag === 0x02) return [true, at + 1]
  const number = numbers[tag!]
  if (number) return [readNumber(number[0], take(bytes, at + 1, number[1])), at + 1 + number[1]]
  if (tag === 0x30 || tag === 0x31) {
    const body = take(bytes, at + 5, unsigned(take(bytes, at + 1, 4)))
    return [tag === 0x30 ? { bytes: Buffer.from(body).toString('hex') } : readText(body), at + 5 + body.length]
  }
  if (tag === 0x40 || tag === 0x41) return readContainer(bytes, at, tag, depth + 1)
  throw new Refused()
}

function readContainer(bytes: Uint8Array, at: number, tag: number, depth: number): [Notation, end: number] {
  if (depth > 64) throw new Refused()
  let left = unsigned(take(bytes, at + 1, 4))
  let end = at + 5
  const items: Notation[] = []
  const next = (): Notation => {
    const [value, after] = read(bytes, end, depth)
    end = after
    return value
  }
  const entries: [string, Notation][] = []
  for (; left > 0; left--) {
    if (tag === 0x40) {
      items.push(next())
      continue
    }
    const key = next()
    if (typeof key !== 'string') throw new Refused()
    const last = entries.at(-1)
    if (last && Buffer.compare(Buffer.from(last[0]), Buffer.from(key)) >= 0) throw new Refused()
    entries.push([key, next()])
  }
  return [tag === 0x40 ? items : { dict: entries }, end]
}

function readNumber(type: NumberType, body: Uint8Array): Notation {
  const bits = Buffer.from(body).toString('hex')
  if (type === 'float32' || type === 'float64') {
    const size = body.length * 8
    const exponentBits = size === 32 ? 8 : 11
    const magnitude = BigInt(`0x${bits}`) & ((1n << BigInt(size - 1)) - 1n)
    const notANumber = magnitude > ((1n << BigInt(exponentBits)) - 1n) << BigInt(size - 1 - exponentBits)
    if (notANumber && bits !== (size === 32 ? '7fc00000' : '7ff8000000000000')) throw new Refused()
    return { [type]: bits }
  }
  const value = BigInt(`0x${bits}`)
  return { [type]: String(type.startsWith('int') ? BigInt.asIntN(body.length * 8, value) : value) }
}

/** UTF-8 by the table of well-formed sequences in RFC 3629. */
function readText(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at]!
    const length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0
    if (length === 0 || at + length > bytes.length) throw new Refused()
    let point = length === 1 ? first : first & (0x7f >> length)
    for (const byte of bytes.subarray(at + 1, at + length)) {
      if ((byte & 0xc0) !== 0x80) throw new Refused()
      point = (point << 6) | (byte & 0x3f)
    }
    const isOverlong = (length === 3 && point < 0x800) || (length === 4 && point < 0x10000)
    if (isOverlong || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) throw new Refused()
    text += String.fromCodePoint(point)
    at += length
  }
  return text
}

function take(bytes: Uint8Array, at: number, length: number): Uint8Array {
  if (at + length > bytes.length) throw new Refused()
  return bytes.subarray(at, at + length)
}

const unsigned = (bytes: Uint8Array): number => Number(`0x${Buffer.from(bytes).toString('hex')}`)

const numbers: Readonly<Record<number, readonly [NumberType, number]>> = {
  16: ['int8', 1],
  17: ['int16', 2],
  18: ['int32', 4],
  19: ['int64', 8],
  20: ['uint8', 1],
  21: ['uint16', 2],
  22: ['uint32', 4],
  23: ['uint64', 8],
  32: ['float32', 4],
  33: ['float64', 8],
}
