import { bytesOf, checkInteger, describe, SttError } from '@stt/errors'
import { KEM_CIPHERTEXT_LENGTH, KEM_PUBLIC_LENGTH, KEY_LENGTH, NONCE_LENGTH, TAG_LENGTH } from './provider.ts'

/** Checks that all providers share, so that no argument reaches a native library unchecked. */

/** The 32 bytes of a key. @throws STT_INVALID_ARGUMENT for anything else, a text of 32 characters among it */
export function keyOf(key: Uint8Array, what: string): Uint8Array {
  const bytes = bytesOf(key, what)
  if (bytes.length === KEY_LENGTH) return bytes
  throw new SttError('STT_INVALID_ARGUMENT', `${what} is ${KEY_LENGTH} bytes, not ${bytes.length}`)
}

/** How many random bytes to give. @throws STT_INVALID_ARGUMENT */
export function lengthOf(length: number): number {
  checkInteger(length, 'the number of random bytes', 0, MOST_RANDOM)
  return length
}

/** A key of HMAC, of any length. @throws STT_INVALID_ARGUMENT for what is no bytes */
export const hmacKeyOf = (key: Uint8Array): Uint8Array => bytesOf(key, 'the key of HMAC')

/** A part of what is hashed. @throws STT_INVALID_ARGUMENT for anything but bytes; a text has no bytes until it is encoded */
export const partOf = (part: Uint8Array): Uint8Array => bytesOf(part, 'what is hashed')

export function checkSeal(nonce: Uint8Array, plaintext: Uint8Array, out: Uint8Array, offset: number): void {
  checkNonce(nonce)
  checkRoom(plaintext.length + TAG_LENGTH, out, offset)
}

export function checkNonce(nonce: Uint8Array): void {
  if (nonce.length === NONCE_LENGTH) return
  throw new SttError('STT_INVALID_ARGUMENT', `a nonce is ${NONCE_LENGTH} bytes, not ${nonce.length}`)
}

/** @param needed bytes that will be written; below zero for a ciphertext that is too short to be opened */
export function checkRoom(needed: number, out: Uint8Array, offset: number): void {
  if (offset >= 0 && needed <= out.length - offset) return
  throw new SttError(
    'STT_INVALID_ARGUMENT',
    `out has ${out.length - offset} bytes from offset ${offset}, not ${needed}`,
  )
}

/** Looks at the members only: a provider may be wrapped, or of another copy of this package. @throws STT_INVALID_ARGUMENT */
export function checkProvider(provider: unknown): void {
  const parts = (provider ?? {}) as Record<string, unknown>
  if (
    typeof provider === 'object' &&
    FUNCTIONS.every(part => typeof parts[part] === 'function') &&
    isObject(parts['kem'])
  )
    return
  throw new SttError(
    'STT_INVALID_ARGUMENT',
    `a provider computes ${FUNCTIONS.join(', ')} and kem, and this is ${describe(provider)}`,
  )
}

const MOST_RANDOM = 2 ** 31 - 1
const FUNCTIONS = ['hash', 'hmac', 'aead', 'keyPair', 'generateKeyPair']
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null

export function disposed(what: string): SttError {
  return new SttError('STT_DISPOSED', `${what} was disposed and cannot be used again`)
}

/** A public key that is refused: not 32 bytes, or of low order, so that the agreed bytes would be all zero. */
export function badPublicKey(cause?: unknown): SttError {
  return new SttError('STT_BAD_KEY', 'the peer sent an X25519 public key that no honest peer has', { cause })
}

/** The 32 bytes of a peer's key. @throws STT_INVALID_ARGUMENT for what is no bytes, STT_BAD_KEY for another number */
export function publicKeyOf(publicKey: Uint8Array): Uint8Array {
  const bytes = bytesOf(publicKey, 'an X25519 public key')
  if (bytes.length !== KEY_LENGTH) throw badPublicKey()
  return bytes
}

// spec: STT-CRY-21
export function kemPublicKeyOf(publicKey: Uint8Array): Uint8Array {
  const bytes = bytesOf(publicKey, 'an ML-KEM-768 public key')
  if (bytes.length !== KEM_PUBLIC_LENGTH) throw badKemPublicKey()
  return bytes
}

// spec: STT-CRY-21
export function kemCiphertextOf(ciphertext: Uint8Array): Uint8Array {
  const bytes = bytesOf(ciphertext, 'an ML-KEM-768 ciphertext')
  if (bytes.length === KEM_CIPHERTEXT_LENGTH) return bytes
  throw new SttError('STT_BAD_KEY', `an ML-KEM-768 ciphertext is ${KEM_CIPHERTEXT_LENGTH} bytes, not ${bytes.length}`)
}

export function badKemPublicKey(cause?: unknown): SttError {
  return new SttError('STT_BAD_KEY', 'the peer sent bytes that are not an ML-KEM-768 encapsulation key', { cause })
}
