import { concatBytes } from '@stt/crypto'
import { SttError } from '@stt/errors'

export const EMPTY: Uint8Array<ArrayBuffer> = new Uint8Array(0)

/** `u32 length ‖ bytes`. */
export function lengthPrefixed(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const prefixed = new Uint8Array(4 + bytes.length)
  new DataView(prefixed.buffer).setUint32(0, bytes.length)
  prefixed.set(bytes, 4)
  return prefixed
}

/**
 * The UTF-8 bytes of `text`.
 *
 * @throws STT_INVALID_ARGUMENT for half a surrogate pair, which UTF-8 cannot write: two texts would give the same bytes
 */
export function utf8(text: string, what: string): Uint8Array<ArrayBuffer> {
  if (/\p{Surrogate}/u.test(text)) {
    throw new SttError('STT_INVALID_ARGUMENT', `${what} holds half a surrogate pair, which no UTF-8 text can`)
  }
  return encoder.encode(text)
}

/** Base32 (RFC 4648 §6) in small letters without padding: the same file on systems that ignore case. */
export function base32(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let value = 0
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xffff
    bits += 8
    for (; bits >= 5; bits -= 5) text += ALPHABET[(value >> (bits - 5)) & 31]
  }
  return bits > 0 ? text + ALPHABET[(value << (5 - bits)) & 31] : text
}

/** All of a source in one array; undefined when it has more than `limit` bytes. */
export async function collectUpTo(source: AsyncIterable<Uint8Array>, limit: number): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of source) {
    length += part.length
    if (length > limit) return undefined
    parts.push(part)
  }
  return parts.length === 1 ? parts[0]! : concatBytes(parts)
}

/** A source of what is in memory already. */
export async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes
}

const encoder = new TextEncoder()
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'
