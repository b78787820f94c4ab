import { EMPTY, utf8 } from '../bytes.ts'
import { createCke } from '../cke.ts'
import { disposed } from '../providers/checks.ts'
import type { CryptoProvider } from '../providers/provider.ts'
import { Secret } from '../secret.ts'

/** What a handshake takes from a seed: two Noise pre-shared keys and the key of the cheap filter, 32 bytes each. */
export interface SeedKeys {
  readonly psk0: Uint8Array<ArrayBuffer>
  readonly psk3: Uint8Array<ArrayBuffer>
  readonly mac1: Uint8Array<ArrayBuffer>
  /** Wipes the three keys. */
  dispose(): void
}

// spec: STT-CRY-14
export function deriveSeedKeys(seed: Uint8Array, provider: CryptoProvider): SeedKeys {
  const { derive } = createCke(provider)
  const prk = provider.hmac(utf8('STTv1 seed'), seed)
  const keys = new DerivedKeys(
    derive(prk, 'psk0', EMPTY, 32),
    derive(prk, 'psk3', EMPTY, 32),
    derive(prk, 'mac1', EMPTY, 32),
  )
  prk.fill(0)
  return keys
}

class DerivedKeys extends Secret implements SeedKeys {
  readonly #psk0: Uint8Array<ArrayBuffer>
  readonly #psk3: Uint8Array<ArrayBuffer>
  readonly #mac1: Uint8Array<ArrayBuffer>
  #disposed = false

  constructor(psk0: Uint8Array<ArrayBuffer>, psk3: Uint8Array<ArrayBuffer>, mac1: Uint8Array<ArrayBuffer>) {
    super('SeedKeys')
    this.#psk0 = psk0
    this.#psk3 = psk3
    this.#mac1 = mac1
  }

  get psk0(): Uint8Array<ArrayBuffer> {
    return this.#live(this.#psk0)
  }

  get psk3(): Uint8Array<ArrayBuffer> {
    return this.#live(this.#psk3)
  }

  get mac1(): Uint8Array<ArrayBuffer> {
    return this.#live(this.#mac1)
  }

  dispose(): void {
    this.#psk0.fill(0)
    this.#psk3.fill(0)
    this.#mac1.fill(0)
    this.#disposed = true
  }

  #live(key: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    if (this.#disposed) throw disposed('these seed keys')
    return key
  }
}
