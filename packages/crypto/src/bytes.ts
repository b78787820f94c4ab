import { bytesOf, describe, SttError } from '@stt/errors'

export const EMPTY: Uint8Array<ArrayBuffer> = new Uint8Array(0)

/**
 * Whether two byte strings are equal, in a time that depends on their lengths only.
 * JavaScript promises no timing; this has no branch on a byte and no early exit.
 */
// spec: STT-CRY-4
export function equalBytes(first: Uint8Array, second: Uint8Array): boolean {
  return compareAll(bytesOf(first, 'what is compared'), bytesOf(second, 'what is compared'))
}

/** Reads both to their ends. Exported for its test, which counts the reads. */
export function compareAll(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!
  return difference === 0
}

export function isZero(bytes: Uint8Array): boolean {
  let bits = 0
  for (let i = 0; i < bytes.length; i++) bits |= bytes[i]!
  return bits === 0
}

/** The parts joined, in a new array. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  if (!Array.isArray(parts)) throw invalid(`concatBytes joins a list of bytes, not ${describe(parts)}`)
  let length = 0
  for (const part of parts) length += bytesOf(part, 'what is joined').length
  const joined = new Uint8Array(length)
  let offset = 0
  for (const given of parts) {
    const part = bytesOf(given, 'what is joined')
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}

export function u32(value: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
}

/** Two small hexadecimal digits for each byte. */
export function toHex(bytes: Uint8Array): string {
  // Joined: a text that grew by `+=` stays in pieces, which take most of a session name's memory.
  return Array.from(bytesOf(bytes, 'what toHex takes'), byte => byte.toString(16).padStart(2, '0')).join('')
}

/** The bytes of an even number of hexadecimal digits in either case; undefined for anything else. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (typeof text !== 'string' || text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) return undefined
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16)
  return bytes
}

/** Base32 (RFC 4648 §6) in small letters without padding, for names that ignore case: 8 characters for 5 bytes. */
export function toBase32(given: Uint8Array): string {
  let text = ''
  let bits = 0
  let value = 0
  for (const byte of bytesOf(given, 'what toBase32 takes')) {
    value = ((value << 8) | byte) & 0xffff
    bits += 8
    for (; bits >= 5; bits -= 5) text += BASE32[(value >> (bits - 5)) & 31]
  }
  return bits > 0 ? text + BASE32[(value << (5 - bits)) & 31] : text
}

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'
const invalid = (message: string): SttError => new SttError('STT_INVALID_ARGUMENT', message)
