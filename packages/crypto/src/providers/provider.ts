/** Gives `length` unpredictable random bytes, freshly allocated. Tests may use a deterministic one. */
export type Entropy = (length: number) => Uint8Array

/**
 * ChaCha20-Poly1305 (RFC 8439 §2.8) under one 32-byte key. A nonce is 12 bytes and never used twice for sealing.
 * `out` may begin at the same byte as the input (sealing or opening in place); any other overlap is not allowed.
 */
export interface AeadKey {
  /**
   * Writes the ciphertext and its 16-byte tag, `plaintext.length + 16` bytes, at `out[offset…]`.
   *
   * @returns the offset after the last byte written
   * @throws STT_INVALID_ARGUMENT for a nonce of another length or an `out` that is too small; STT_DISPOSED
   */
  seal(nonce: Uint8Array, ad: Uint8Array, plaintext: Uint8Array, out: Uint8Array, offset?: number): number
  /**
   * Writes the plaintext, `ciphertext.length - 16` bytes, at `out[offset…]`.
   *
   * @returns the length of the plaintext, or -1, with `out` untouched, when the tag is wrong or missing
   * @throws STT_INVALID_ARGUMENT for a nonce of another length or an `out` that is too small; STT_DISPOSED
   */
  open(nonce: Uint8Array, ad: Uint8Array, ciphertext: Uint8Array, out: Uint8Array, offset?: number): number
  /**
   * The plaintext in a new buffer, which the caller owns. For a large plaintext that is kept, it saves a copy.
   *
   * @returns `undefined` when the tag is wrong or missing
   * @throws STT_INVALID_ARGUMENT for a nonce of another length; STT_DISPOSED
   */
  openToOwnBuffer(nonce: Uint8Array, ad: Uint8Array, ciphertext: Uint8Array): Uint8Array<ArrayBuffer> | undefined
  /** Wipes this object's copy of the key. */
  dispose(): void
}

/** An X25519 key pair (RFC 7748 §5). The private key is imported once and cannot be read back. */
export interface KeyPair {
  /** The public key, 32 bytes. Do not write to it. */
  readonly publicKey: Uint8Array<ArrayBuffer>
  /**
   * The 32 bytes that both sides agree on.
   *
   * @throws STT_BAD_KEY for a key that is not 32 bytes or gives all zeros (a point of low order); STT_DISPOSED
   */
  agree(peerPublicKey: Uint8Array): Uint8Array<ArrayBuffer>
  /** Lets go of the private key; wipes it where this provider holds its bytes. */
  dispose(): void
}

/** An ML-KEM-768 key pair (FIPS 203). The private key stays inside. */
export interface KemKeyPair {
  /** The encapsulation key, 1,184 bytes. Do not write to it. */
  readonly publicKey: Uint8Array<ArrayBuffer>
  /**
   * The 32-byte secret of a ciphertext. A ciphertext made for another key gives 32 other bytes and no error (implicit
   * rejection), so that an attacker learns nothing by trying.
   *
   * @throws STT_BAD_KEY for a ciphertext that is not 1,088 bytes; STT_DISPOSED
   */
  decapsulate(ciphertext: Uint8Array): Uint8Array<ArrayBuffer>
  /** Lets go of the private key; wipes it where this provider holds its bytes. */
  dispose(): void
}

/** ML-KEM-768 (FIPS 203), the key encapsulation of the hybrid suite. */
export interface Kem {
  /** Draws the 64 bytes d ‖ z from `entropy`: the same bytes give the same pair. */
  generate(entropy: Entropy): KemKeyPair
  /**
   * A fresh 32-byte secret and the 1,088-byte ciphertext that carries it. Draws the 32 bytes m from `entropy`; where that is
   * the package's `randomBytes`, a native library may draw its own instead.
   *
   * @throws STT_BAD_KEY for a key that is not 1,184 bytes or not a valid encapsulation key (FIPS 203 §7.2)
   */
  encapsulate(
    publicKey: Uint8Array,
    entropy: Entropy,
  ): { ciphertext: Uint8Array<ArrayBuffer>; sharedSecret: Uint8Array<ArrayBuffer> }
}

/** The primitives that STT rests on, all synchronous. Every provider gives the same bytes. */
export interface CryptoProvider {
  /** The libraries in use, such as `node+wasm`. */
  readonly name: string
  /** BLAKE2b-512 (RFC 7693), unkeyed, of the parts joined: 64 bytes. */
  hash(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer>
  /** HMAC (RFC 2104) over BLAKE2b-512 with its block of 128 bytes, of the parts joined: 64 bytes. */
  hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer>
  /** ChaCha20-Poly1305 under a copy of `key`. @throws STT_INVALID_ARGUMENT when `key` is not 32 bytes */
  aead(key: Uint8Array): AeadKey
  /** The pair of a copy of `privateKey`. @throws STT_INVALID_ARGUMENT when `privateKey` is not 32 bytes */
  keyPair(privateKey: Uint8Array): KeyPair
  /**
   * A fresh pair. Draws the 32 bytes of the private key from `entropy`; where that is the package's `randomBytes`, a native
   * library may draw its own instead.
   */
  generateKeyPair(entropy: Entropy): KeyPair
  /** ML-KEM-768. */
  readonly kem: Kem
  /**
   * Loads what a first handshake would otherwise load in its midst. Where it is missing, or was not called, all is loaded when
   * it is needed.
   *
   * @throws STT_LOAD_FAILED
   */
  prepare?(): Promise<void>
}

export const KEY_LENGTH = 32
export const TAG_LENGTH = 16
export const NONCE_LENGTH = 12

export const KEM_SEED_LENGTH = 64
export const KEM_PUBLIC_LENGTH = 1184
export const KEM_CIPHERTEXT_LENGTH = 1088
