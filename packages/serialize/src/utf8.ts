/**
 * Writes `text` as UTF-8 at `offset`. `buffer` must have room for three bytes a UTF-16 unit.
 * Returns the end offset, or -1 when `text` has a lone surrogate, which UTF-8 has no form for.
 */
export function writeUtf8(text: string, buffer: Uint8Array, offset: number): number {
  const { length } = text
  if (length > SHORT_TEXT) return writeLongUtf8(text, buffer, offset)
  let position = offset
  for (let index = 0; index < length; index++) {
    const unit = text.charCodeAt(index)
    if (unit >= 0x80) return writeWideUtf8(text, index, buffer, position)
    buffer[position++] = unit
  }
  return position
}

/**
 * The string of the UTF-8 in `bytes[start … end)`, or undefined when it is not valid UTF-8: overlong forms, encoded
 * surrogates and code points above U+10FFFF included.
 */
export function readUtf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start <= SHORT_UTF8) {
    const text = readShortAscii(bytes, start, end)
    if (text !== undefined) return text
  }
  try {
    return decoder.decode(bytes.subarray(start, end))
  } catch {
    return undefined
  }
}

/** As `writeUtf8`, from `from` on, where the first unit that is not ASCII stands. */
function writeWideUtf8(text: string, from: number, buffer: Uint8Array, offset: number): number {
  let position = offset
  for (let index = from; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0x80) {
      buffer[position++] = unit
    } else if (unit < 0x800) {
      buffer[position++] = 0xc0 | (unit >> 6)
      buffer[position++] = 0x80 | (unit & 0x3f)
    } else if (unit < 0xd800 || unit > 0xdfff) {
      buffer[position++] = 0xe0 | (unit >> 12)
      buffer[position++] = 0x80 | ((unit >> 6) & 0x3f)
      buffer[position++] = 0x80 | (unit & 0x3f)
    } else {
      const low = unit < 0xdc00 ? text.charCodeAt(++index) : 0
      if ((low & 0xfc00) !== 0xdc00) return -1
      const point = 0x10000 + ((unit & 0x3ff) << 10) + (low & 0x3ff)
      buffer[position++] = 0xf0 | (point >> 18)
      buffer[position++] = 0x80 | ((point >> 12) & 0x3f)
      buffer[position++] = 0x80 | ((point >> 6) & 0x3f)
      buffer[position++] = 0x80 | (point & 0x3f)
    }
  }
  return position
}

function writeLongUtf8(text: string, buffer: Uint8Array, offset: number): number {
  // encodeInto would write U+FFFD for a lone surrogate: repaired, not refused.
  if (loneSurrogate.test(text)) return -1
  return offset + encoder.encodeInto(text, buffer.subarray(offset)).written
}

/** Undefined when a byte is not ASCII. */
function readShortAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = ''
  let position = start
  for (; position + 8 <= end; position += 8) {
    const a = bytes[position]!
    const b = bytes[position + 1]!
    const c = bytes[position + 2]!
    const d = bytes[position + 3]!
    const e = bytes[position + 4]!
    const f = bytes[position + 5]!
    const g = bytes[position + 6]!
    const h = bytes[position + 7]!
    if ((a | b | c | d | e | f | g | h) >= 0x80) return undefined
    text += String.fromCharCode(a, b, c, d, e, f, g, h)
  }
  for (; position < end; position++) {
    const unit = bytes[position]!
    if (unit >= 0x80) return undefined
    text += String.fromCharCode(unit)
  }
  return text
}

const encoder = new TextEncoder()
// `ignoreBOM` keeps a leading U+FEFF in the text: dropping it would be a repair.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const loneSurrogate = /\p{Surrogate}/u
/** UTF-16 units up to which a loop beats the call to TextEncoder. */
const SHORT_TEXT = 40
/** Bytes up to which building the string beats the call to TextDecoder. */
const SHORT_UTF8 = 16
