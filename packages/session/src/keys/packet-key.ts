import { type AeadKey, type CryptoProvider, createCke } from '@stt/crypto'

/** The key for the packets of one direction in one epoch. */
export class PacketKey {
  readonly #aead: AeadKey
  readonly #iv: Uint8Array<ArrayBuffer>

  /** @param secret the direction's traffic secret of the epoch, 32 bytes; the caller still owns it */
  // spec: STT-PKT-3
  constructor(provider: CryptoProvider, secret: Uint8Array) {
    const cke = createCke(provider)
    const key = cke.derive(secret, 'key', NO_CONTEXT, 32)
    this.#aead = provider.aead(key)
    key.fill(0)
    this.#iv = cke.derive(secret, 'iv', NO_CONTEXT, NONCE_SIZE)
  }

  /**
   * Writes ciphertext and tag to `out` at `offset`, which may be where `plaintext` lies.
   *
   * @returns the offset after the tag
   */
  seal(packetNumber: number, header: Uint8Array, plaintext: Uint8Array, out: Uint8Array, offset: number): number {
    return this.#aead.seal(this.#nonceOf(packetNumber), header, plaintext, out, offset)
  }

  /** @returns the length of the plaintext at the start of `out`, or -1 when the tag is wrong: then `out` is untouched */
  open(packetNumber: number, header: Uint8Array, ciphertext: Uint8Array, out: Uint8Array): number {
    return this.#aead.open(this.#nonceOf(packetNumber), header, ciphertext, out)
  }

  /** @returns the plaintext in a new buffer; `undefined` when the tag is wrong */
  openToOwnBuffer(
    packetNumber: number,
    header: Uint8Array,
    ciphertext: Uint8Array,
  ): Uint8Array<ArrayBuffer> | undefined {
    return this.#aead.openToOwnBuffer(this.#nonceOf(packetNumber), header, ciphertext)
  }

  dispose(): void {
    this.#aead.dispose()
    this.#iv.fill(0)
  }

  /** iv XOR (0^32 ‖ packet number). */
  // spec: STT-PKT-2
  #nonceOf(packetNumber: number): Uint8Array<ArrayBuffer> {
    nonce.set(this.#iv)
    nonceView.setUint32(4, nonceView.getUint32(4) ^ Math.floor(packetNumber / TWO_32))
    nonceView.setUint32(8, nonceView.getUint32(8) ^ (packetNumber % TWO_32))
    return nonce
  }
}

/** The traffic secret that follows `secret`, which is wiped: the new one does not reveal the old one. */
// spec: STT-PKT-3
export function nextTrafficSecret(provider: CryptoProvider, secret: Uint8Array): Uint8Array<ArrayBuffer> {
  const next = createCke(provider).derive(secret, 'ku', NO_CONTEXT, 32)
  secret.fill(0)
  return next
}

const NONCE_SIZE = 12
const TWO_32 = 2 ** 32
/** Rewritten for each packet, and used before the next one, so all sessions share it. */
const nonce = new Uint8Array(NONCE_SIZE)
const nonceView = new DataView(nonce.buffer)
const NO_CONTEXT = new Uint8Array(0)
