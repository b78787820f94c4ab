/** The functions of libsodium that the provider uses, as `sodium-native` 5 binds them. */
declare module 'sodium-native' {
  export function crypto_generichash_batch(output: Uint8Array, inputs: readonly Uint8Array[]): void
  export function crypto_aead_chacha20poly1305_ietf_encrypt(
    ciphertext: Uint8Array,
    plaintext: Uint8Array,
    ad: Uint8Array,
    secretNonce: null,
    nonce: Uint8Array,
    key: Uint8Array,
  ): number
  /** Throws when the tag is wrong. */
  export function crypto_aead_chacha20poly1305_ietf_decrypt(
    plaintext: Uint8Array,
    secretNonce: null,
    ciphertext: Uint8Array,
    ad: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
  ): number
  export function crypto_scalarmult_base(publicKey: Uint8Array, privateKey: Uint8Array): void
  /** Throws when the result is all zero. */
  export function crypto_scalarmult(shared: Uint8Array, privateKey: Uint8Array, publicKey: Uint8Array): void
}
