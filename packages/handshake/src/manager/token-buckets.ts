/** How often something may happen. */
export interface RateLimit {
  /** How often a second in the long run. */
  readonly rate: number
  /** How often at once. */
  readonly burst: number
}

/**
 * A token bucket for each key, as the one number that the generic cell rate algorithm needs (ITU-T I.371): the time at
 * which the bucket is full again. At most `capacity` buckets; the least recently used one is given up.
 */
export class TokenBuckets {
  readonly #interval: number
  readonly #tolerance: number
  readonly #capacity: number
  readonly #fullAt = new Map<string, number>()

  constructor({ rate, burst }: RateLimit, capacity: number) {
    this.#interval = 1_000 / rate
    this.#tolerance = burst * this.#interval
    this.#capacity = capacity
  }

  get size(): number {
    return this.#fullAt.size
  }

  /** When there is a token to take; `now` when there is one. */
  freeAt(key: string, now: number): number {
    return Math.max(now, (this.#fullAt.get(key) ?? now) + this.#interval - this.#tolerance)
  }

  /** Takes one token; false when there is none. */
  consume(key: string, now: number): boolean {
    const fullAt = Math.max(this.#fullAt.get(key) ?? now, now) + this.#interval
    if (fullAt - now > this.#tolerance) return false
    // Set anew, so that the map's order is the order of use.
    this.#fullAt.delete(key)
    this.#fullAt.set(key, fullAt)
    if (this.#fullAt.size > this.#capacity) this.#fullAt.delete(this.#fullAt.keys().next().value!)
    return true
  }
}
