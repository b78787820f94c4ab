// Pages compute with all of it, so it is loaded along. Functions, since Node's counterpart of this file has to load first.
import { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import { pow } from '@noble/curves/abstract/modular.js'
import { montgomery } from '@noble/curves/abstract/montgomery.js'
import { blake2b } from '@noble/hashes/blake2.js'
import { hmac } from '@noble/hashes/hmac.js'
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js'

export const nobleAead = (): typeof chacha20poly1305 => chacha20poly1305
export const nobleHash = (): typeof blake2b => blake2b
export const nobleHmac = (): typeof hmac => hmac
export const nobleKem = (): typeof ml_kem768 => ml_kem768
export const nobleMontgomery = (): typeof montgomery => montgomery
export const noblePow = (): typeof pow => pow
