import { concatBytes } from '@stt/crypto'

export const EMPTY: Uint8Array<ArrayBuffer> = new Uint8Array(0)

/** `u32 length ‖ bytes`. */
export function lengthPrefixed(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const prefixed = new Uint8Array(4 + bytes.length)
  new DataView(prefixed.buffer).setUint32(0, bytes.length)
  prefixed.set(bytes, 4)
  return prefixed
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

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'
