import { bytesOf, SttError, utf8 } from '@stt/errors'
import { concatBytes } from '../bytes.ts'
import { expand } from '../hkdf.ts'
import { checkProvider, keyOf } from '../providers/checks.ts'
import { type AeadKey, type CryptoProvider, KEY_LENGTH, NONCE_LENGTH } from '../providers/provider.ts'

/**
 * The cryptography of sealed chunks: an AEAD with keys of 32, nonces of 12 and tags of 16 bytes, and a hash in HKDF-Expand.
 * STT uses one; the construction's public vectors use another.
 */
export interface ChunkSuite {
  /** The AEAD's name in the IANA registry. */
  readonly aeadName: string
  /** An AEAD under a 32-byte key, without the method that makes buffers: chunks are opened into their message's. */
  aead(key: Uint8Array): Omit<AeadKey, 'openToOwnBuffer'>
  /** HKDF-Expand (RFC 5869 §2.3). */
  expand(key: Uint8Array, info: Uint8Array, length: number): Uint8Array<ArrayBuffer>
}

/** ChaCha20-Poly1305 and HKDF over BLAKE2b. */
// spec: STT-SEG-1
export function createChunkSuite(provider: CryptoProvider): ChunkSuite {
  checkProvider(provider)
  return {
    aeadName: 'AEAD_CHACHA20_POLY1305',
    aead: key => provider.aead(key),
    expand: (key, info, length) => expand(provider, key, info, length),
  }
}

export interface ChunkKeys {
  /** The AEAD's key, 32 bytes. */
  readonly key: Uint8Array<ArrayBuffer>
  /** 12 bytes; XORed with a chunk's number they are its nonce. */
  readonly baseNonce: Uint8Array<ArrayBuffer>
  /** 32 bytes that reveal a wrong key, salt or context before any chunk is opened, and bind the message to one key. */
  readonly commitment: Uint8Array<ArrayBuffer>
}

/**
 * The keys of one sealed message (https://c2sp.org/chunked-encryption, key derivation).
 *
 * @param inputKey 32 uniform bytes
 * @param salt 24 bytes, never twice with one key
 * @throws STT_INVALID_ARGUMENT for a key or salt of another length
 */
// spec: STT-SEG-2
export function deriveChunkKeys(
  suite: ChunkSuite,
  inputKey: Uint8Array,
  salt: Uint8Array,
  context: Uint8Array,
): ChunkKeys {
  const key = keyOf(inputKey, 'the key of sealed chunks')
  if (bytesOf(salt, 'the salt of sealed chunks').length !== SALT_LENGTH) {
    throw new SttError('STT_INVALID_ARGUMENT', `the salt of sealed chunks is ${SALT_LENGTH} bytes, not ${salt.length}`)
  }
  const info = concatBytes([
    utf8(`c2sp.org/chunked-encryption@v1+${suite.aeadName}\0`),
    salt,
    bytesOf(context, 'the context'),
  ])
  const output = suite.expand(key, info, KEY_LENGTH + NONCE_LENGTH + COMMITMENT_LENGTH)
  return {
    key: output.subarray(0, KEY_LENGTH),
    baseNonce: output.subarray(KEY_LENGTH, KEY_LENGTH + NONCE_LENGTH),
    commitment: output.subarray(KEY_LENGTH + NONCE_LENGTH),
  }
}

export const SALT_LENGTH = 24
export const COMMITMENT_LENGTH = 32
