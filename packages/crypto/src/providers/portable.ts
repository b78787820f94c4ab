import { nobleAead, nobleHash, nobleHmac } from '#noble'
import { isZero } from '../bytes.ts'
import { drawKeyPair } from '../entropy.ts'
import {
  badPublicKey,
  checkNonce,
  checkRoom,
  checkSeal,
  disposed,
  hmacKeyOf,
  keyOf,
  partOf,
  publicKeyOf,
} from './checks.ts'
import { portableKem } from './portable-kem.ts'
import { x25519 } from './portable-x25519.ts'
import { type AeadKey, type CryptoProvider, type KeyPair, TAG_LENGTH } from './provider.ts'

/** The noble libraries: plain JavaScript, for browsers and any runtime whose `node:crypto` lacks something. */
export const portableProvider: CryptoProvider = {
  name: 'portable',
  // spec: STT-CRY-1
  hash(...parts) {
    const hash = nobleHash().create()
    for (const part of parts) hash.update(partOf(part))
    return hash.digest()
  },
  // spec: STT-CRY-1
  hmac(key, ...parts) {
    const mac = nobleHmac().create(nobleHash(), hmacKeyOf(key))
    for (const part of parts) mac.update(partOf(part))
    return mac.digest()
  },
  aead: key => new PortableAeadKey(key),
  keyPair: privateKey => new PortableKeyPair(privateKey),
  generateKeyPair: entropy => drawKeyPair(entropy, privateKey => new PortableKeyPair(privateKey)),
  kem: portableKem,
}

class PortableAeadKey implements AeadKey {
  readonly #key: Uint8Array<ArrayBuffer>
  #disposed = false

  constructor(key: Uint8Array) {
    this.#key = Uint8Array.from(keyOf(key, 'an AEAD key'))
  }

  seal(nonce: Uint8Array, ad: Uint8Array, plaintext: Uint8Array, out: Uint8Array, offset = 0): number {
    if (this.#disposed) throw disposed('this AEAD key')
    checkSeal(nonce, plaintext, out, offset)
    const end = offset + plaintext.length + TAG_LENGTH
    nobleAead()(this.#key, nonce, ad).encrypt(plaintext, out.subarray(offset, end))
    return end
  }

  open(nonce: Uint8Array, ad: Uint8Array, ciphertext: Uint8Array, out: Uint8Array, offset = 0): number {
    const length = ciphertext.length - TAG_LENGTH
    checkRoom(length, out, offset)
    return this.#decrypt(nonce, ad, ciphertext, out.subarray(offset, offset + length)) ? length : -1
  }

  openToOwnBuffer(nonce: Uint8Array, ad: Uint8Array, ciphertext: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    const plaintext = new Uint8Array(Math.max(0, ciphertext.length - TAG_LENGTH))
    return this.#decrypt(nonce, ad, ciphertext, plaintext) ? plaintext : undefined
  }

  /** Writes to `out`, which has exactly the plaintext's length, when the tag is right. */
  #decrypt(nonce: Uint8Array, ad: Uint8Array, ciphertext: Uint8Array, out: Uint8Array): boolean {
    if (this.#disposed) throw disposed('this AEAD key')
    checkNonce(nonce)
    // spec: STT-CRY-2
    if (ciphertext.length < TAG_LENGTH) return false
    try {
      // spec: STT-CRY-3: noble checks the tag over the ciphertext before it writes a byte of plaintext.
      nobleAead()(this.#key, nonce, ad).decrypt(ciphertext, out)
    } catch (error) {
      if ((error as Error).message === 'invalid tag') return false
      throw error
    }
    return true
  }

  dispose(): void {
    this.#key.fill(0)
    this.#disposed = true
  }
}

class PortableKeyPair implements KeyPair {
  readonly publicKey: Uint8Array<ArrayBuffer>
  readonly #privateKey: Uint8Array<ArrayBuffer>
  #disposed = false

  constructor(privateKey: Uint8Array) {
    this.#privateKey = Uint8Array.from(keyOf(privateKey, 'an X25519 private key'))
    this.publicKey = x25519().getPublicKey(this.#privateKey)
  }

  // spec: STT-CRY-5
  agree(peerPublicKey: Uint8Array): Uint8Array<ArrayBuffer> {
    if (this.#disposed) throw disposed('this key pair')
    const publicKey = publicKeyOf(peerPublicKey)
    let shared: Uint8Array<ArrayBuffer>
    try {
      shared = x25519().getSharedSecret(this.#privateKey, publicKey)
    } catch (cause) {
      // noble refuses an all-zero result itself, by this exception.
      throw badPublicKey(cause)
    }
    if (isZero(shared)) throw badPublicKey()
    return shared
  }

  dispose(): void {
    this.#privateKey.fill(0)
    this.#disposed = true
  }
}
