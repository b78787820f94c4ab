import type { Entropy } from '@stt/crypto'

/**
 * Pauses between attempts: short at first, then longer and longer. Each is varied at random, so that clients that lost the same
 * relay do not all come back at once.
 */
// spec: STT-RLY-20
export class Redial {
  readonly #entropy: Entropy
  #tries = 0
  #lateTries = 0
  #since: number | undefined
  /** Milliseconds from the first failure for which pauses stay short. */
  #eager: number

  /** @param entropy varies the pauses */
  constructor(entropy: Entropy) {
    this.#entropy = entropy
    this.#eager = EAGER_FOR
  }

  /** Milliseconds to wait before the next try. */
  next(now: number): number {
    this.#since ??= now
    const first = FIRST_PAUSES[this.#tries++]
    if (first !== undefined) return first
    if (now - this.#since < this.#eager) return this.#varied(EAGER_PAUSE, 0.3)
    return this.#varied(LATE_PAUSES[Math.min(this.#lateTries++, LATE_PAUSES.length - 1)]!, 0.5)
  }

  /**
   * The connection works again, or the network changed: the next failure counts as the first.
   *
   * @param eagerFor milliseconds from the next failure for which pauses stay short
   */
  reset(eagerFor: number = EAGER_FOR): void {
    this.#tries = this.#lateTries = 0
    this.#since = undefined
    this.#eager = eagerFor
  }

  #varied(pause: number, by: number): number {
    const [high = 0, low = 0] = this.#entropy(2)
    return Math.round(pause * (1 - by + (2 * by * (high * 256 + low)) / 65_535))
  }
}

/** Milliseconds. */
const FIRST_PAUSES: readonly number[] = [200, 500, 1_000]
const EAGER_PAUSE = 1_500
const EAGER_FOR = 30_000
const LATE_PAUSES: readonly number[] = [5_000, 10_000, 30_000]
