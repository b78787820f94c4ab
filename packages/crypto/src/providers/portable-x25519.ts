import type { MontgomeryECDH } from '@noble/curves/abstract/montgomery.js'
import { nobleMontgomery, noblePow } from '#noble'

/**
 * X25519 (RFC 7748 §5) as noble's Montgomery ladder. noble's own `x25519` brings the Edwards curve with it to make public
 * keys four times faster; without it a browser loads a third less of this package.
 */
export function x25519(): MontgomeryECDH {
  made ??= nobleMontgomery()({
    P,
    type: 'x25519',
    adjustScalarBytes(bytes: Uint8Array) {
      bytes[0]! &= 248
      bytes[31]! &= 127
      bytes[31]! |= 64
      return bytes
    },
    // The inverse, by Fermat. How `pow` runs depends on the exponent alone, which is no secret.
    powPminus2: x => noblePow()(x, P - 2n, P),
  })
  return made
}

let made: MontgomeryECDH | undefined

/** 2^255 - 19 */
const P = 2n ** 255n - 19n
