import type { SeedKeys } from '@stt/crypto'
import { checkInteger } from '@stt/errors'
import { checkSeedKeys } from '../config.ts'

/** The keys of a seed that expires. */
export interface DatedSeedKeys {
  /** The keys of the seed. */
  readonly keys: SeedKeys
  /** Milliseconds since 1970: from then on the seed neither dials nor answers. */
  readonly notAfter: number
}

/** One seed that may be used now. */
export interface UsableSeed {
  readonly keys: SeedKeys
  /** Its place in the list that was given. */
  readonly index: number
}

/** The seeds of a manager. The wall clock decides which are in use. */
export class SeedRing {
  #all: readonly (UsableSeed & { readonly notAfter: number })[] = []
  #usable: readonly UsableSeed[] = []
  /** A seed that expires is not used before the time is known. */
  #wall = Number.POSITIVE_INFINITY
  #hasEnds = false

  /** The seeds that may be used now, in the order in which they were given. */
  get usable(): readonly UsableSeed[] {
    return this.#usable
  }

  /** @throws STT_INVALID_ARGUMENT for none, more than 1,024, or a time that is no whole number of milliseconds */
  set(seeds: SeedKeys | readonly (SeedKeys | DatedSeedKeys)[]): void {
    const list: readonly (SeedKeys | DatedSeedKeys)[] = Array.isArray(seeds) ? seeds : [seeds]
    const dated = list.map(seed => (isDated(seed) ? seed : { keys: seed, notAfter: Number.POSITIVE_INFINITY }))
    checkSeedKeys(dated.map(({ keys }) => keys))
    for (const { notAfter } of dated) {
      if (notAfter !== Number.POSITIVE_INFINITY)
        checkInteger(notAfter, 'notAfter of a seed', 0, Number.MAX_SAFE_INTEGER)
    }
    this.#all = dated.map(({ keys, notAfter }, index) => ({ keys, index, notAfter }))
    this.#hasEnds = dated.some(({ notAfter }) => notAfter !== Number.POSITIVE_INFINITY)
    this.#select()
  }

  /** Sets the wall clock, in milliseconds since 1970. @returns whether other seeds are in use now */
  setWallClock(milliseconds: number): boolean {
    this.#wall = milliseconds
    if (!this.#hasEnds) return false
    const before = this.#usable.length
    // Seeds only ever expire, so the same number means the same seeds.
    if (this.#all.filter(seed => this.#isUsable(seed)).length === before) return false
    this.#select()
    return true
  }

  // spec: STT-HS-36
  #isUsable({ notAfter }: { readonly notAfter: number }): boolean {
    return notAfter === Number.POSITIVE_INFINITY || this.#wall < notAfter
  }

  #select(): void {
    this.#usable = this.#all.filter(seed => this.#isUsable(seed))
  }
}

function isDated(seed: SeedKeys | DatedSeedKeys): seed is DatedSeedKeys {
  return typeof seed === 'object' && seed !== null && 'notAfter' in seed
}
