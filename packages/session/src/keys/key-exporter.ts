import { type CryptoProvider, createCke } from '@stt/crypto'
import { checkInteger, checkType } from '@stt/errors'

/** Derives keys for the application from the session's exporter secret. */
export class KeyExporter {
  readonly #provider: CryptoProvider
  readonly #secret: Uint8Array

  /** @param secret 32 bytes; the exporter owns it from here and wipes it */
  constructor(provider: CryptoProvider, secret: Uint8Array) {
    this.#provider = provider
    this.#secret = secret
  }

  /** @throws SttError `STT_INVALID_ARGUMENT` */
  export(label: string, length: number): Uint8Array<ArrayBuffer> {
    checkType(label, 'the label of a key', 'string')
    checkInteger(length, 'the length of a key', 1, MAX_EXPORTED)
    return createCke(this.#provider).exportKey(this.#secret, label, length)
  }

  dispose(): void {
    this.#secret.fill(0)
  }
}

/** Bytes that HKDF-Expand can give: 255 hashes. */
const MAX_EXPORTED = 255 * 64
