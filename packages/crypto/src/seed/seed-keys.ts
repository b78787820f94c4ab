import { EMPTY } from '../bytes.ts'
import { createCke } from '../cke.ts'
import type { CryptoProvider } from '../providers/provider.ts'
import { DerivedKeys, seedPrk } from './derived-keys.ts'

/** The keys that a handshake derives from a seed, 32 bytes each. */
export interface SeedKeys {
  /** Noise's pre-shared key at the start of HELLO. */
  readonly psk0: Uint8Array<ArrayBuffer>
  /** Noise's pre-shared key at the end of AUTH_PROOF. */
  readonly psk3: Uint8Array<ArrayBuffer>
  /** The key of mac1, the cheap filter on each message. */
  readonly mac1: Uint8Array<ArrayBuffer>
  /** Wipes the three keys. */
  dispose(): void
}

// spec: STT-CRY-14
export function deriveSeedKeys(seed: Uint8Array, provider: CryptoProvider): SeedKeys {
  const { derive } = createCke(provider)
  const prk = seedPrk(seed, provider)
  const keys = new HandshakeKeys(
    derive(prk, 'psk0', EMPTY, 32),
    derive(prk, 'psk3', EMPTY, 32),
    derive(prk, 'mac1', EMPTY, 32),
  )
  prk.fill(0)
  return keys
}

class HandshakeKeys extends DerivedKeys implements SeedKeys {
  constructor(psk0: Uint8Array<ArrayBuffer>, psk3: Uint8Array<ArrayBuffer>, mac1: Uint8Array<ArrayBuffer>) {
    super('SeedKeys', 'these seed keys', [psk0, psk3, mac1])
  }

  get psk0(): Uint8Array<ArrayBuffer> {
    return this.key(0)
  }

  get psk3(): Uint8Array<ArrayBuffer> {
    return this.key(1)
  }

  get mac1(): Uint8Array<ArrayBuffer> {
    return this.key(2)
  }
}
