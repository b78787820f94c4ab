import { SttError } from '@stt/errors'
import { type AeadKey, type CryptoProvider, NONCE_LENGTH, TAG_LENGTH } from '../providers/provider.ts'

/** One direction of a finished handshake's transport (Noise §5.1): a key and a counter that is its nonce. */
export interface CipherState {
  /** The ciphertext and its tag, 16 bytes longer than `plaintext`. @throws STT_NONCE_EXHAUSTED, STT_DISPOSED */
  encryptWithAd(ad: Uint8Array, plaintext: Uint8Array): Uint8Array<ArrayBuffer>
  /**
   * The plaintext, or undefined, with the counter unmoved, when the tag is wrong.
   *
   * @param accept decides on an authentic message before it counts: false refuses it like a wrong tag
   * @throws STT_NONCE_EXHAUSTED, STT_DISPOSED
   */
  decryptWithAd(
    ad: Uint8Array,
    ciphertext: Uint8Array,
    accept?: (plaintext: Uint8Array) => boolean,
  ): Uint8Array<ArrayBuffer> | undefined
  /** Wipes the key. */
  dispose(): void
}

export class NoiseCipherState implements CipherState {
  readonly #aead: AeadKey
  readonly #nonce: Uint8Array<ArrayBuffer> = new Uint8Array(NONCE_LENGTH)
  #counter = 0

  /** Takes a copy of the 32 bytes. */
  constructor(provider: CryptoProvider, key: Uint8Array, counter = 0) {
    this.#aead = provider.aead(key)
    this.#counter = counter
  }

  get counter(): number {
    return this.#counter
  }

  encryptWithAd(ad: Uint8Array, plaintext: Uint8Array): Uint8Array<ArrayBuffer> {
    const ciphertext = new Uint8Array(plaintext.length + TAG_LENGTH)
    this.#aead.seal(this.#nextNonce(), ad, plaintext, ciphertext)
    this.#counter++
    return ciphertext
  }

  decryptWithAd(
    ad: Uint8Array,
    ciphertext: Uint8Array,
    accept?: (plaintext: Uint8Array) => boolean,
  ): Uint8Array<ArrayBuffer> | undefined {
    const plaintext = new Uint8Array(Math.max(ciphertext.length - TAG_LENGTH, 0))
    if (this.#aead.open(this.#nextNonce(), ad, ciphertext, plaintext) < 0) return undefined
    if (accept && !accept(plaintext)) return undefined
    this.#counter++
    return plaintext
  }

  dispose(): void {
    this.#aead.dispose()
  }

  /** 32 zero bits and the counter, little-endian (Noise §12.3). */
  #nextNonce(): Uint8Array<ArrayBuffer> {
    // Noise allows 2^64 - 2. A number is exact up to 2^53 - 1, which is out of reach too.
    if (this.#counter >= Number.MAX_SAFE_INTEGER) {
      throw new SttError('STT_NONCE_EXHAUSTED', 'this key has sealed as many messages as it may; run a new handshake')
    }
    const view = new DataView(this.#nonce.buffer)
    view.setUint32(4, this.#counter % 2 ** 32, true)
    view.setUint32(8, this.#counter / 2 ** 32, true)
    return this.#nonce
  }
}
