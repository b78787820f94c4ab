/**
 * The mac1 of every HELLO that began a run, so that a recording of it begins no second one. Bounded by number and age: an
 * attacker who replays a forgotten one gets a run that he cannot finish. spec: STT-HS-31
 */
export class SeenMacs {
  readonly #capacity: number
  readonly #lifetime: number
  readonly #seenAt = new Map<string, number>()

  /** @param lifetime milliseconds */
  constructor(capacity: number = CAPACITY, lifetime: number = LIFETIME) {
    this.#capacity = capacity
    this.#lifetime = lifetime
  }

  get size(): number {
    return this.#seenAt.size
  }

  has(mac: string, now: number): boolean {
    const seenAt = this.#seenAt.get(mac)
    return seenAt !== undefined && now - seenAt < this.#lifetime
  }

  add(mac: string, now: number): void {
    this.#seenAt.delete(mac)
    this.#seenAt.set(mac, now)
    for (const [oldest, seenAt] of this.#seenAt) {
      if (this.#seenAt.size <= this.#capacity && now - seenAt < this.#lifetime) break
      this.#seenAt.delete(oldest)
    }
  }
}

const CAPACITY = 65_536
const LIFETIME = 600_000
