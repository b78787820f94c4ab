import {
  type CipherGCM,
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  type DecipherGCM,
  type Hmac,
  type JsonWebKeyInput,
  type KeyObject,
} from 'node:crypto'
import { withoutStacks } from '@stt/errors'
import { TAG_LENGTH } from './provider.ts'

// For a key in bytes, later versions of Node 24 first try which key object it is, and make and discard two to four errors. The
// stacks of these are most of the cost of a small unit or a key: 7 of 11 µs. A KeyObject would avoid them too, but its copy of
// the key cannot be wiped.

export const newCipher = (key: Uint8Array, nonce: Uint8Array): CipherGCM => withoutStacks(cipherOf, key, nonce)

/** Without the option authTagLength it accepts tags as short as 4 bytes. */
export const newDecipher = (key: Uint8Array, nonce: Uint8Array): DecipherGCM => withoutStacks(decipherOf, key, nonce)

export const newHmac = (hash: string, key: Uint8Array): Hmac => withoutStacks(createHmac, hash, key)

/** @param der PKCS #8; the caller wipes it */
export const privateKeyOf = (der: Uint8Array): KeyObject =>
  withoutStacks(createPrivateKey, { key: der as Buffer, format: 'der' as const, type: 'pkcs8' as const })

export const publicKeyOfDer = (der: Uint8Array): KeyObject =>
  withoutStacks(createPublicKey, { key: der as Buffer, format: 'der' as const, type: 'spki' as const })

export const publicKeyOfJwk = (key: JsonWebKeyInput['key']): KeyObject =>
  withoutStacks(createPublicKey, { key, format: 'jwk' as const })

const cipherOf = (key: Uint8Array, nonce: Uint8Array) => createCipheriv(ALGORITHM, key, nonce, OPTIONS)
const decipherOf = (key: Uint8Array, nonce: Uint8Array) => createDecipheriv(ALGORITHM, key, nonce, OPTIONS)

const ALGORITHM = 'chacha20-poly1305'
const OPTIONS = { authTagLength: TAG_LENGTH }
