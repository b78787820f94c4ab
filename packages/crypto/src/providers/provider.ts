/** Gives `length` random bytes that nobody can guess, freshly allocated. Tests may give a deterministic one. */
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
  /** Wipes this object's copy of the key. */
  dispose(): void
}

/** An X25519 key pair (RFC 7748 §5). The private key is imported once and cannot be read back. */
export interface KeyPair {
  /** 32 bytes, not to be written to. */
  readonly publicKey: Uint8Array
  /**
   * The 32 bytes that both sides agree on.
   *
   * @throws STT_BAD_KEY for a key that is not 32 bytes or gives all zeros (a point of low order); STT_DISPOSED
   */
  agree(peerPublicKey: Uint8Array): Uint8Array
  /** Lets go of the private key; wipes it where this provider holds its bytes. */
  dispose(): void
}

/** The primitives that STT rests on, all synchronous. Every provider gives the same bytes. */
export interface CryptoProvider {
  readonly name: string
  /** BLAKE2b-512 (RFC 7693), unkeyed, of the parts joined: 64 bytes. */
  hash(...parts: readonly Uint8Array[]): Uint8Array
  /** HMAC (RFC 2104) over BLAKE2b-512 with its block of 128 bytes, of the parts joined: 64 bytes. */
  hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array
  /** @throws STT_INVALID_ARGUMENT when `key` is not 32 bytes. The key is copied. */
  aead(key: Uint8Array): AeadKey
  /** @throws STT_INVALID_ARGUMENT when `privateKey` is not 32 bytes. The key is copied. */
  keyPair(privateKey: Uint8Array): KeyPair
}

export const KEY_LENGTH = 32
export const TAG_LENGTH = 16
export const NONCE_LENGTH = 12
