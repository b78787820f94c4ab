import { expect } from 'vitest'

/** Of `CryptoProvider`, what is used here. */
interface Provider {
  readonly name: string
  aead(key: Uint8Array): {
    seal(nonce: Uint8Array, ad: Uint8Array, plaintext: Uint8Array, out: Uint8Array): number
  }
}

/**
 * Seals until Node's provider loads WebAssembly, which it does in the background, once, and waits until that is in use: it is the
 * memory of no stream and of no session.
 */
export async function settledProvider(provider: Provider): Promise<void> {
  const plaintext = new Uint8Array(32_768)
  const sealed = new Uint8Array(plaintext.length + 16)
  provider.aead(new Uint8Array(32)).seal(new Uint8Array(12), new Uint8Array(0), plaintext, sealed)
  await expect.poll(() => provider.name).toBe('node+wasm')
}
