/** Keys that are due a fixed time after they were set. With a clock that never goes back the first one set is the first one due. */
export class Deadlines<Key> {
  readonly #delay: number
  readonly #due = new Map<Key, number>()

  /** @param delay milliseconds */
  constructor(delay: number) {
    this.#delay = delay
  }

  get size(): number {
    return this.#due.size
  }

  /** When the first one is due, in milliseconds of the caller's clock; `Infinity` when there is none. */
  get next(): number {
    for (const at of this.#due.values()) return at
    return Number.POSITIVE_INFINITY
  }

  /** Begins anew for a key that is there. */
  set(key: Key, now: number): void {
    this.#due.delete(key)
    this.#due.set(key, now + this.#delay)
  }

  /** @returns whether it was there */
  delete(key: Key): boolean {
    return this.#due.delete(key)
  }

  has(key: Key): boolean {
    return this.#due.has(key)
  }

  /** Takes out the oldest one, due or not. */
  shift(): Key | undefined {
    for (const key of this.#due.keys()) {
      this.#due.delete(key)
      return key
    }
    return undefined
  }

  /** Takes out the oldest one that is due. */
  takeDue(now: number): Key | undefined {
    return this.next <= now ? this.shift() : undefined
  }
}
