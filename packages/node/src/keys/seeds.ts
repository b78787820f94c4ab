import type { CryptoProvider, RendezvousKeys, Seed, SeedKeys } from '@stt/crypto'
import { checkInteger, checkOptions, describe, SttError } from '@stt/errors'
import type { DatedSeedKeys } from '@stt/handshake'
import type { Clock } from '../time/clock.ts'

/** A seed with an end. */
export interface DatedSeed {
  /** The seed. */
  readonly seed: Seed
  /**
   * When the node stops dialing with the seed and answering it, by the system's clock: a `Date`, or milliseconds since 1970.
   * Sessions and handshakes that have begun go on.
   */
  readonly notAfter: Date | number
}

/** A seed of a node, checked. */
export interface CheckedSeed {
  readonly seed: Seed
  /** Milliseconds since 1970; Infinity: never. */
  readonly notAfter: number
}

/**
 * The seeds of a node, the one to dial with first.
 *
 * @param now milliseconds since 1970
 * @throws SttError `STT_INVALID_ARGUMENT` for none, for something else than seeds, or when every one of them is over
 */
export function checkSeeds(seeds: readonly (Seed | DatedSeed)[], now: number): readonly CheckedSeed[] {
  if (!Array.isArray(seeds)) throw invalid(`seeds is a list of seeds, not ${describe(seeds)}`)
  if (seeds.length === 0) throw missingSeed()
  const checked = seeds.map((each: Seed | DatedSeed) => (isDated(each) ? checkDated(each) : checkSeed(each)))
  if (checked.some(({ notAfter }) => now < notAfter)) return checked
  throw invalid('every seed is past its notAfter: give one that is not')
}

/** A seed that never ends. */
export function checkSeed(seed: Seed): CheckedSeed {
  if (isSeed(seed)) return { seed, notAfter: Number.POSITIVE_INFINITY }
  throw invalid(`a seed must be a Seed, not ${describe(seed)}: ${SEED_HELP}`)
}

export const missingSeed = (): SttError => invalid(`a node needs a seed: ${SEED_HELP}`)

function checkDated(value: DatedSeed): CheckedSeed {
  checkOptions(value, 'a seed that ends', ['seed', 'notAfter'])
  const { seed } = checkSeed(value.seed)
  const milliseconds: unknown = value.notAfter instanceof Date ? value.notAfter.getTime() : value.notAfter
  checkInteger(milliseconds, 'notAfter of a seed, a Date or its milliseconds since 1970,', 0, Number.MAX_SAFE_INTEGER)
  return { seed, notAfter: milliseconds }
}

const isDated = (value: Seed | DatedSeed): value is DatedSeed =>
  typeof value === 'object' && value !== null && !isSeed(value)

/** By what it can do, not by its class: a program may hold two versions of the package that makes it. */
const isSeed = (value: unknown): value is Seed => typeof (value as Seed | undefined)?.deriveKeys === 'function'

const invalid = (message: string): SttError => new SttError('STT_INVALID_ARGUMENT', message)

const SEED_HELP = 'Seed.generate() makes one, Seed.fromHex() reads one'

/** Derives the keys of a node's seeds, and wipes those of replaced ones when no handshake uses them any more. */
export class SeedKeyring {
  readonly #provider: CryptoProvider
  readonly #clock: Clock
  /** Milliseconds that a handshake may take. */
  readonly #handshakeTimeout: number
  readonly #replaced = new Map<readonly SeedKeys[], unknown>()
  #current: readonly SeedKeys[] = []
  /** By which holders of the same seeds meet. */
  #meeting: readonly (Pick<CheckedSeed, 'notAfter'> & { readonly keys: RendezvousKeys })[] = []

  constructor(provider: CryptoProvider, clock: Clock, handshakeTimeout: number) {
    this.#provider = provider
    this.#clock = clock
    this.#handshakeTimeout = handshakeTimeout
  }

  /** The keys of these seeds, which take the place of those before. */
  replace(seeds: readonly CheckedSeed[]): readonly (SeedKeys | DatedSeedKeys)[] {
    const before = this.#current
    if (before.length > 0) {
      const wipe = (): void => {
        this.#replaced.delete(before)
        for (const keys of before) keys.dispose()
      }
      this.#replaced.set(before, this.#clock.setTimer(wipe, this.#handshakeTimeout))
    }
    this.#disposeMeeting()
    this.#current = seeds.map(({ seed }) => seed.deriveKeys(this.#provider))
    this.#meeting = seeds.map(({ seed, notAfter }) => ({ keys: seed.deriveRendezvousKeys(this.#provider), notAfter }))
    return this.#current.map((keys, i) => {
      const { notAfter } = seeds[i]!
      return notAfter === Number.POSITIVE_INFINITY ? keys : { keys, notAfter }
    })
  }

  /** The rendezvous keys of the seeds that are not over, in their order. @param now milliseconds since 1970 */
  meetingKeys(now: number): readonly RendezvousKeys[] {
    return this.#meeting.filter(({ notAfter }) => now < notAfter).map(({ keys }) => keys)
  }

  /** Wipes all of them: no handshake is under way. */
  dispose(): void {
    for (const timer of this.#replaced.values()) this.#clock.clearTimer(timer)
    for (const keys of [...this.#replaced.keys(), this.#current].flat()) keys.dispose()
    this.#replaced.clear()
    this.#current = []
    this.#disposeMeeting()
  }

  #disposeMeeting(): void {
    for (const { keys } of this.#meeting) keys.dispose()
    this.#meeting = []
  }
}
