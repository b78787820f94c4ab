import { type CryptoProvider, provider, toHex } from '@stt/crypto'

/** The platform's cryptography, except that sealing twice with one key and nonce is noticed. */
export class NonceRecorder {
  readonly #seen = new Set<string>()
  /** Keys and nonces that sealed more than once: what must never be. */
  readonly repeated: string[] = []

  get sealed(): number {
    return this.#seen.size
  }

  readonly provider: CryptoProvider = {
    ...provider,
    aead: key => {
      const name = toHex(key)
      const aead = provider.aead(key)
      return {
        seal: (nonce, ...rest) => {
          const use = `${name} ${toHex(nonce)}`
          if (this.#seen.has(use)) this.repeated.push(use)
          this.#seen.add(use)
          return aead.seal(nonce, ...rest)
        },
        open: (...parameters) => aead.open(...parameters),
        openToOwnBuffer: (...parameters) => aead.openToOwnBuffer(...parameters),
        dispose: () => aead.dispose(),
      }
    },
  }
}
