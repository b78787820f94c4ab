import { type CryptoProvider, Identity, type RendezvousKeys, type SeedKeys } from '@stt/crypto'
import type { DatedSeedKeys } from '@stt/handshake'
import type { CheckedSeed, SeedKeyring } from './seeds.ts'

/** The keys that a node derives from its seeds, and who it is: what it made itself is wiped when it closes. */
export class NodeKeys {
  readonly identity: Identity
  /** Of the seeds that it was made with. */
  readonly seeds: readonly (SeedKeys | DatedSeedKeys)[]
  readonly #keyring: SeedKeyring
  readonly #isOwn: boolean

  /** @param identity the application's, which outlives the node; one is made unless given */
  constructor(
    seeds: readonly CheckedSeed[],
    identity: Identity | undefined,
    keyring: SeedKeyring,
    provider: CryptoProvider,
  ) {
    this.#isOwn = identity === undefined
    this.#keyring = keyring
    this.identity = identity ?? Identity.generate(undefined, provider)
    this.seeds = keyring.replace(seeds)
  }

  /** The keys of other seeds; those of the ones before are wiped when no handshake uses them any more. */
  replaceSeeds(seeds: readonly CheckedSeed[]): readonly (SeedKeys | DatedSeedKeys)[] {
    return this.#keyring.replace(seeds)
  }

  /** By which the node is found at relays, of the seeds that are not over. @param now milliseconds since 1970 */
  meetingKeys(now: number): readonly RendezvousKeys[] {
    return this.#keyring.meetingKeys(now)
  }

  /** Returns the result of `make`, and wipes the keys if it throws. */
  orWiped<T>(make: () => T): T {
    try {
      return make()
    } catch (error) {
      this.dispose()
      throw error
    }
  }

  dispose(): void {
    this.#keyring.dispose()
    if (this.#isOwn) this.identity.dispose()
  }
}
