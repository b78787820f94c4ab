/**
 * Writes `text` as UTF-8 at `offset`. `buffer` must have room for three bytes per UTF-16 unit.
 *
 * @returns the end offset, or -1 when `text` has a lone surrogate, which UTF-8 cannot express
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

/** The UTF-8 of `text`, or undefined when it has a lone surrogate. */
export function toUtf8(text: string): Uint8Array<ArrayBuffer> | undefined {
  return loneSurrogate.test(text) ? undefined : encoder.encode(text)
}

/**
 * The string of the UTF-8 in `bytes[start … end)`; undefined when it is not valid UTF-8, which includes overlong forms,
 * encoded surrogates and code points above U+10FFFF.
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

/** As `writeUtf8`, from the first unit that is not ASCII on, at `from`. */
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

/** Undefined when a byte is not ASCII. Makes few calls, as each makes a string. */
function readShortAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = ''
  let at = start
  for (; at + 8 <= end; at += 8) {
    const head = bytes[at]! | bytes[at + 1]! | bytes[at + 2]! | bytes[at + 3]!
    if ((head | bytes[at + 4]! | bytes[at + 5]! | bytes[at + 6]! | bytes[at + 7]!) >= 0x80) return undefined
    text += fromCharCode(
      bytes[at]!,
      bytes[at + 1]!,
      bytes[at + 2]!,
      bytes[at + 3]!,
      bytes[at + 4]!,
      bytes[at + 5]!,
      bytes[at + 6]!,
      bytes[at + 7]!,
    )
  }
  if (at + 4 <= end) {
    if ((bytes[at]! | bytes[at + 1]! | bytes[at + 2]! | bytes[at + 3]!) >= 0x80) return undefined
    text += fromCharCode(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!)
    at += 4
  }
  switch (end - at) {
    case 3:
      if ((bytes[at]! | bytes[at + 1]! | bytes[at + 2]!) >= 0x80) return undefined
      return text + fromCharCode(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!)
    case 2:
      if ((bytes[at]! | bytes[at + 1]!) >= 0x80) return undefined
      return text + fromCharCode(bytes[at]!, bytes[at + 1]!)
    case 1:
      return bytes[at]! >= 0x80 ? undefined : text + fromCharCode(bytes[at]!)
    default:
      return text
  }
}

const { fromCharCode } = String
const encoder = new TextEncoder()
// `ignoreBOM` keeps a leading U+FEFF in the text: dropping it would be a repair.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const loneSurrogate = /\p{Surrogate}/u
/** UTF-16 units up to which a loop beats the call to TextEncoder. */
const SHORT_TEXT = 40
/** Bytes up to which building the string beats the call to TextDecoder. */
const SHORT_UTF8 = 16
