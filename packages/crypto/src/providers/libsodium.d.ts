/** The part of the package `libsodium` in use: libsodium compiled to WebAssembly, its C functions with an underscore before. */
declare module 'libsodium' {
  /** A 64-bit length goes in as two halves of 32 bits, the low one first. */
  export interface LibsodiumModule {
    /** All of the module's memory; another array after it has grown, which calls on memory from `_malloc` do not cause. */
    readonly HEAPU8: Uint8Array<ArrayBuffer>
    _malloc(bytes: number): number
    _crypto_aead_chacha20poly1305_ietf_encrypt(
      ciphertext: number,
      ciphertextLength: number,
      message: number,
      messageLow: number,
      messageHigh: number,
      ad: number,
      adLow: number,
      adHigh: number,
      secretNonce: number,
      nonce: number,
      key: number,
    ): number
    _crypto_aead_chacha20poly1305_ietf_decrypt(
      message: number,
      messageLength: number,
      secretNonce: number,
      ciphertext: number,
      ciphertextLow: number,
      ciphertextHigh: number,
      ad: number,
      adLow: number,
      adHigh: number,
      nonce: number,
      key: number,
    ): number
    _crypto_generichash(
      out: number,
      outLength: number,
      input: number,
      inputLow: number,
      inputHigh: number,
      key: number,
      keyLength: number,
    ): number
  }

  // biome-ignore lint/style/noDefaultExport: it is how the package has it
  export default function createModule(): Promise<LibsodiumModule>
}
