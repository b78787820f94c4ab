import { EMPTY } from '../bytes.ts'
import { createCke } from '../cke.ts'
import type { CryptoProvider } from '../providers/provider.ts'
import { DerivedKeys, seedPrk } from './derived-keys.ts'

/** Keys by which the holders of a seed find each other, 32 bytes each. They reveal no handshake, session or seed. */
export interface RendezvousKeys {
  /** Derives the hourly names under which the nodes of the seed meet at a relay. */
  readonly rendezvous: Uint8Array<ArrayBuffer>
  /** Proves to a relay that it serves this seed. The relay's operator has it too. */
  readonly access: Uint8Array<ArrayBuffer>
  /** Derives the hourly names under which the nodes find each other on a local network. */
  readonly lan: Uint8Array<ArrayBuffer>
  /** Wipes all of them. */
  dispose(): void
}

// spec: STT-RLY-1
export function deriveRendezvousKeys(seed: Uint8Array, provider: CryptoProvider): RendezvousKeys {
  const { derive } = createCke(provider)
  const prk = seedPrk(seed, provider)
  const keys = new MeetingKeys(['rendezvous', 'relay access', 'lan'].map(label => derive(prk, label, EMPTY, 32)))
  prk.fill(0)
  return keys
}

class MeetingKeys extends DerivedKeys implements RendezvousKeys {
  constructor(keys: readonly Uint8Array<ArrayBuffer>[]) {
    super('RendezvousKeys', 'these rendezvous keys', keys)
  }

  get rendezvous(): Uint8Array<ArrayBuffer> {
    return this.key(0)
  }

  get access(): Uint8Array<ArrayBuffer> {
    return this.key(1)
  }

  get lan(): Uint8Array<ArrayBuffer> {
    return this.key(2)
  }
}
