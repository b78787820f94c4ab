import { toHex } from '../bytes.ts'

/**
 * Whether an X25519 public key is of low order: with it any private key agrees on 32 zeros (RFC 7748 §6.1). Its bytes alone
 * tell, so a message with such a key is refused when it is read, and not when the key is first used.
 */
export function isLowOrder(publicKey: Uint8Array): boolean {
  const point = publicKey.slice()
  // X25519 ignores the top bit.
  point[31]! &= 0x7f
  // A public key is not secret: this comparison need not take constant time.
  return LOW_ORDER.includes(toHex(point))
}

/** The orders 1, 2, 4 and 8 of the curve and of its twist, canonical and not (2^255 - 19 and one more stand for 0 and 1). */
const LOW_ORDER: readonly string[] = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]
