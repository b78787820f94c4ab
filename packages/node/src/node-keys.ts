import { type CryptoProvider, Identity, type Seed, type SeedKeys } from '@stt/crypto'

/** The keys that a node derives from its seeds, and who it is: what it made itself is wiped when it closes. */
export class NodeKeys {
  readonly identity: Identity
  readonly seeds: readonly SeedKeys[]
  readonly #isOwn: boolean

  /** @param identity the application's, which outlives the node; one is made unless given */
  constructor(seeds: readonly Seed[], identity: Identity | undefined, provider: CryptoProvider) {
    this.#isOwn = identity === undefined
    this.identity = identity ?? Identity.generate(undefined, provider)
    this.seeds = seeds.map(seed => seed.deriveKeys(provider))
  }

  /** What `make` makes of the keys; they are wiped where it fails. */
  orWiped<T>(make: () => T): T {
    try {
      return make()
    } catch (error) {
      this.dispose()
      throw error
    }
  }

  dispose(): void {
    for (const keys of this.seeds) keys.dispose()
    if (this.#isOwn) this.identity.dispose()
  }
}
