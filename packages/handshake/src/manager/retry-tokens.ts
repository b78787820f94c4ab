import { type CryptoProvider, type Entropy, equalBytes } from '@stt/crypto'
import { TOKEN_LENGTH } from '../header.ts'

/**
 * Issues and verifies the tokens of RETRY: an address and a time under a key that only this listener has. It stores nothing
 * for an address that may be forged. spec: STT-HS-34
 */
export class RetryTokens {
  readonly #provider: CryptoProvider
  readonly #entropy: Entropy
  #current: Uint8Array
  #previous: Uint8Array
  #changeAt: number | undefined

  constructor(provider: CryptoProvider, entropy: Entropy) {
    this.#provider = provider
    this.#entropy = entropy
    this.#current = entropy(KEY_LENGTH)
    this.#previous = entropy(KEY_LENGTH)
  }

  /** @param address any text that is the same for one address and no other */
  issue(address: string, now: number): Uint8Array {
    this.#changeKeys(now)
    return this.#token(this.#current, address, seconds(now))
  }

  verify(token: Uint8Array, address: string, now: number): boolean {
    if (token.length !== TOKEN_LENGTH) return false
    this.#changeKeys(now)
    const time = new DataView(token.buffer, token.byteOffset).getUint32(0)
    // Unsigned, so that a time in the future counts as very old.
    const age = (seconds(now) - time) >>> 0
    const isCurrent = equalBytes(this.#token(this.#current, address, time), token)
    const isPrevious = equalBytes(this.#token(this.#previous, address, time), token)
    return (isCurrent || isPrevious) && age <= LIFETIME_SECONDS
  }

  #token(key: Uint8Array, address: string, time: number): Uint8Array {
    const token = new Uint8Array(TOKEN_LENGTH)
    new DataView(token.buffer).setUint32(0, time)
    // The time comes first: its length is fixed, so the text needs no length.
    const tag = this.#provider.hmac(key, token.subarray(0, 4), UTF8.encode(address))
    token.set(tag.subarray(0, TOKEN_LENGTH - 4), 4)
    return token
  }

  #changeKeys(now: number): void {
    this.#changeAt ??= now + KEY_LIFETIME
    // Twice at most: after a long silence both keys are old.
    for (let i = 0; i < 2 && now >= this.#changeAt; i++) {
      this.#previous.fill(0)
      this.#previous = this.#current
      this.#current = this.#entropy(KEY_LENGTH)
      this.#changeAt += KEY_LIFETIME
    }
    if (now >= this.#changeAt) this.#changeAt = now + KEY_LIFETIME
  }
}

function seconds(now: number): number {
  return Math.floor(now / 1_000) >>> 0
}

const UTF8 = new TextEncoder()
const KEY_LENGTH = 32
const KEY_LIFETIME = 120_000
const LIFETIME_SECONDS = 15
