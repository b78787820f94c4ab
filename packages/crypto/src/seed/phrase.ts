import { utf8 } from '@stt/errors'
import type { Phe } from '../phe.ts'

/**
 * A generated phrase: 100 random bits as 20 characters of base32, then 4 that check them, in groups of four:
 * `k7dm-0q2x-…`. The check reveals a mistyped phrase, and one that was not generated.
 */
// spec: STT-CRY-20
export function writePhrase(phe: Phe, random: Uint8Array): string {
  const body = base32(random, BODY_LENGTH)
  return (body + check(phe, body)).match(/.{4}/g)!.join('-')
}

/**
 * A generated phrase in the one form that is hashed, whatever its case, its spaces and hyphens, and the letters that
 * look like digits; undefined for any other text.
 */
// spec: STT-CRY-20
export function readPhrase(phe: Phe, text: string): string | undefined {
  const plain = text.toLowerCase().replace(/[\s-]/g, '').replaceAll('o', '0').replace(/[il]/g, '1')
  if (plain.length !== BODY_LENGTH + CHECK_LENGTH) return undefined
  const body = plain.slice(0, BODY_LENGTH)
  if ([...body].some(character => !ALPHABET.includes(character)) || plain.slice(BODY_LENGTH) !== check(phe, body))
    return undefined
  return plain.match(/.{4}/g)!.join('-')
}

function check(phe: Phe, body: string): string {
  return base32(phe.digest('phrase', utf8(body)), CHECK_LENGTH)
}

/** The first `length` groups of five bits, from the highest bit on. */
function base32(bytes: Uint8Array, length: number): string {
  let text = ''
  for (let bit = 0; bit < 5 * length; bit += 5) {
    const pair = (bytes[bit >> 3]! << 8) | (bytes[(bit >> 3) + 1] ?? 0)
    text += ALPHABET[(pair >> (11 - (bit & 7))) & 31]
  }
  return text
}

/** 100 bits are in the first 13 bytes. */
export const PHRASE_ENTROPY = 13

const BODY_LENGTH = 20
const CHECK_LENGTH = 4
/** Crockford's base32: without i, l, o and u. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
