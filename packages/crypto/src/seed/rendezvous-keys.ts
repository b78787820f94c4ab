import { EMPTY } from '../bytes.ts'
import { createCke } from '../cke.ts'
import type { CryptoProvider } from '../providers/provider.ts'
import { DerivedKeys, seedPrk } from './derived-keys.ts'

/** What the holders of a seed find each other by, 32 bytes each: neither opens a handshake, a session or the seed. */
export interface RendezvousKeys {
  /** Gives the names under which the nodes of the seed can be met, which change each hour. */
  readonly rendezvous: Uint8Array<ArrayBuffer>
  /** Proves to a relay that this is one of those it serves. The relay's operator has it too. */
  readonly access: Uint8Array<ArrayBuffer>
  /** Wipes both. */
  dispose(): void
}

// spec: STT-RLY-1
export function deriveRendezvousKeys(seed: Uint8Array, provider: CryptoProvider): RendezvousKeys {
  const { derive } = createCke(provider)
  const prk = seedPrk(seed, provider)
  const keys = new MeetingKeys(derive(prk, 'rendezvous', EMPTY, 32), derive(prk, 'relay access', EMPTY, 32))
  prk.fill(0)
  return keys
}

class MeetingKeys extends DerivedKeys implements RendezvousKeys {
  constructor(rendezvous: Uint8Array<ArrayBuffer>, access: Uint8Array<ArrayBuffer>) {
    super('RendezvousKeys', 'these rendezvous keys', [rendezvous, access])
  }

  get rendezvous(): Uint8Array<ArrayBuffer> {
    return this.key(0)
  }

  get access(): Uint8Array<ArrayBuffer> {
    return this.key(1)
  }
}
