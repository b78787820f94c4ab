import type { CryptoProvider, Entropy } from '@stt/crypto'
import { tokenOf } from '../hello.ts'
import { findMac } from '../mac.ts'
import type { Origin } from '../origin.ts'
import type { HelloLimit, LoadLimits } from './load-limits.ts'
import type { ManagerDropReason } from './manager-drop-reason.ts'
import { RetryTokens } from './retry-tokens.ts'
import { TokenBuckets } from './token-buckets.ts'
import { writeRetry } from './write-retry.ts'

/** The answer to a HELLO: a run under this seed, at once or after a wait, a RETRY, or silence. */
export type HelloOutcome =
  | { readonly seedIndex: number; readonly waitFor?: HelloLimit }
  | { readonly retry: Uint8Array }
  | ManagerDropReason

/**
 * Decides, with a few hashes and no memory of the sender but its prefix's bucket, whether a HELLO may cost a key agreement.
 * spec: STT-HS-32, STT-HS-35
 */
export class HelloGate {
  readonly #provider: CryptoProvider
  readonly #limits: LoadLimits
  readonly #tokens: RetryTokens
  readonly #all: TokenBuckets
  // Unproved addresses, which can be forged, never use up the bucket of proved ones.
  readonly #claimed: TokenBuckets
  readonly #proved: TokenBuckets

  constructor(provider: CryptoProvider, entropy: Entropy, limits: LoadLimits) {
    this.#provider = provider
    this.#limits = limits
    this.#tokens = new RetryTokens(provider, entropy)
    this.#all = new TokenBuckets(limits.hellos, 1)
    this.#claimed = new TokenBuckets(limits.prefix, MAX_PREFIXES)
    this.#proved = new TokenBuckets(limits.prefix, MAX_PREFIXES)
  }

  /**
   * @param pending handshakes under way now
   * @param verified which of `macKeys` made mac1, where that was verified before
   */
  admit(
    hello: Uint8Array,
    from: Origin,
    pending: number,
    macKeys: readonly Uint8Array[],
    now: number,
    verified?: number,
  ): HelloOutcome {
    const isProved = from.proved || this.#hasToken(hello, from, now)
    // spec: STT-HS-36
    if (!isProved && macKeys.length > MAX_SEEDS_UNPROVED) return this.#retry(hello, from, now)
    // Before any bucket: a sender without the seed takes no tokens from those who hold it.
    const seedIndex = verified ?? findMac(this.#provider, macKeys, hello)
    if (seedIndex === -1) return 'badMac'
    if (!isProved && this.#isLoaded(from.prefix, pending, now)) return this.#retry(hello, from, now)
    if (pending >= this.#limits.pending) return from.lossy ? 'tableFull' : { seedIndex, waitFor: 'pending' }
    if (isProved && !this.#hasTurn(from.prefix, now))
      return from.lossy ? 'rateLimited' : { seedIndex, waitFor: 'prefix' }
    return { seedIndex }
  }

  /** When a HELLO on a message link may be admitted at the soonest. */
  turnAt({ prefix }: Origin, pending: number, now: number): number {
    if (pending >= this.#limits.pending) return now + FULL_TABLE_DELAY
    return prefix === '' ? now : this.#proved.freeAt(prefix, now)
  }

  #hasTurn(prefix: string, now: number): boolean {
    return prefix === '' || this.#proved.consume(prefix, now)
  }

  /** Counts a HELLO from an unproved address; all addresses without a prefix share one bucket. */
  #isLoaded(prefix: string, pending: number, now: number): boolean {
    const isQuiet =
      pending <= this.#limits.pending / 2 && this.#claimed.consume(prefix, now) && this.#all.consume('', now)
    return !isQuiet
  }

  #hasToken(hello: Uint8Array, { label }: Origin, now: number): boolean {
    const token = tokenOf(hello)
    return token.length > 0 && this.#tokens.verify(token, label, now)
  }

  #retry(hello: Uint8Array, { label }: Origin, now: number): HelloOutcome {
    return { retry: writeRetry(this.#provider, hello, this.#tokens.issue(label, now)) }
  }
}

const MAX_PREFIXES = 16_384
/** Milliseconds between looks at a full table. */
const FULL_TABLE_DELAY = 100
/** With more seeds than this, looking for the right one costs more than a stranger may cause. */
const MAX_SEEDS_UNPROVED = 32
