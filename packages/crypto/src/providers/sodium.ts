// Other packages compile this file too, and would not see the declarations beside it.
/// <reference path="./sodium-native.d.ts" />
import {
  crypto_aead_chacha20poly1305_ietf_decrypt as decrypt,
  crypto_aead_chacha20poly1305_ietf_encrypt as encrypt,
  crypto_generichash_batch as generichash,
  crypto_scalarmult as scalarmult,
  crypto_scalarmult_base as scalarmultBase,
} from 'sodium-native'
import { drawKeyPair } from '../entropy.ts'
import { badPublicKey, checkNonce, checkRoom, checkSeal, disposed, keyOf, partOf, publicKeyOf } from './checks.ts'
import { nodeProvider } from './node.ts'
import { type AeadKey, type CryptoProvider, KEY_LENGTH, type KeyPair, TAG_LENGTH } from './provider.ts'

/** libsodium through `sodium-native`; `node:crypto` for what it lacks: HMAC over BLAKE2b, ML-KEM. */
export const libsodium: CryptoProvider = {
  ...nodeProvider,
  name: 'sodium',
  // spec: STT-CRY-1
  hash(...parts) {
    const digest = new Uint8Array(64)
    generichash(digest, parts.map(partOf))
    return digest
  },
  aead: key => new SodiumAeadKey(key),
  keyPair: privateKey => new SodiumKeyPair(privateKey),
  generateKeyPair: entropy => drawKeyPair(entropy, privateKey => new SodiumKeyPair(privateKey)),
}

class SodiumAeadKey implements AeadKey {
  readonly #key: Uint8Array<ArrayBuffer>
  readonly #large: AeadKey
  #disposed = false

  constructor(key: Uint8Array) {
    this.#key = Uint8Array.from(keyOf(key, 'an AEAD key'))
    this.#large = nodeProvider.aead(this.#key)
  }

  seal(nonce: Uint8Array, ad: Uint8Array, plaintext: Uint8Array, out: Uint8Array, offset = 0): number {
    if (plaintext.length > LARGE) return this.#large.seal(nonce, ad, plaintext, out, offset)
    if (this.#disposed) throw disposed('this AEAD key')
    checkSeal(nonce, plaintext, out, offset)
    const end = offset + plaintext.length + TAG_LENGTH
    encrypt(out.subarray(offset, end), plaintext, ad, null, nonce, this.#key)
    return end
  }

  open(nonce: Uint8Array, ad: Uint8Array, ciphertext: Uint8Array, out: Uint8Array, offset = 0): number {
    const length = ciphertext.length - TAG_LENGTH
    if (length > LARGE) return this.#large.open(nonce, ad, ciphertext, out, offset)
    checkRoom(length, out, offset)
    // spec: STT-CRY-3: libsodium checks the tag first, but clears its output when the tag is wrong; `out` must stay as it is.
    const plaintext = scratch.subarray(0, Math.max(0, length))
    if (!this.#decrypt(nonce, ad, ciphertext, plaintext)) return -1
    out.set(plaintext, offset)
    plaintext.fill(0)
    return length
  }

  openToOwnBuffer(nonce: Uint8Array, ad: Uint8Array, ciphertext: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    const length = ciphertext.length - TAG_LENGTH
    if (length > LARGE) return this.#large.openToOwnBuffer(nonce, ad, ciphertext)
    const plaintext = new Uint8Array(Math.max(0, length))
    return this.#decrypt(nonce, ad, ciphertext, plaintext) ? plaintext : undefined
  }

  /** Writes to `out`, which has exactly the plaintext's length. */
  #decrypt(nonce: Uint8Array, ad: Uint8Array, ciphertext: Uint8Array, out: Uint8Array): boolean {
    if (this.#disposed) throw disposed('this AEAD key')
    checkNonce(nonce)
    // spec: STT-CRY-2
    if (ciphertext.length < TAG_LENGTH) return false
    try {
      decrypt(out, null, ciphertext, ad, nonce, this.#key)
    } catch {
      // `sodium-native` reports a wrong tag only by this exception; its other causes are checked above.
      return false
    }
    return true
  }

  dispose(): void {
    this.#large.dispose()
    this.#key.fill(0)
    this.#disposed = true
  }
}

class SodiumKeyPair implements KeyPair {
  readonly publicKey: Uint8Array<ArrayBuffer> = new Uint8Array(KEY_LENGTH)
  readonly #privateKey: Uint8Array<ArrayBuffer>
  #disposed = false

  constructor(privateKey: Uint8Array) {
    this.#privateKey = Uint8Array.from(keyOf(privateKey, 'an X25519 private key'))
    scalarmultBase(this.publicKey, this.#privateKey)
  }

  // spec: STT-CRY-5
  agree(peerPublicKey: Uint8Array): Uint8Array<ArrayBuffer> {
    if (this.#disposed) throw disposed('this key pair')
    const publicKey = publicKeyOf(peerPublicKey)
    const shared = new Uint8Array(KEY_LENGTH)
    try {
      scalarmult(shared, this.#privateKey, publicKey)
    } catch (cause) {
      // libsodium refuses an all-zero result itself, by this exception.
      throw badPublicKey(cause)
    }
    return shared
  }

  dispose(): void {
    this.#privateKey.fill(0)
    this.#disposed = true
  }
}

/** From this many bytes on OpenSSL is faster, since it uses wider instructions. */
const LARGE = 16_384

/** Holds a plaintext for the length of one call. */
const scratch = new Uint8Array(LARGE)
