/** Keys that are due a fixed time after they were set. The clock never goes back, so the key that was set first is due first. */
export class Deadlines<Key> {
  readonly #delay: number
  readonly #due = new Map<Key, number>()

  /** @param delay milliseconds */
  constructor(delay: number) {
    this.#delay = delay
  }

  /** Number of keys. */
  get size(): number {
    return this.#due.size
  }

  /** When the first key is due, in milliseconds of the caller's clock; `Infinity` if there is none. */
  get next(): number {
    for (const at of this.#due.values()) return at
    return Number.POSITIVE_INFINITY
  }

  /** Sets a key; for a present key the time starts again. */
  set(key: Key, now: number): void {
    this.#due.delete(key)
    this.#due.set(key, now + this.#delay)
  }

  /** Removes a key. @returns whether it was there */
  delete(key: Key): boolean {
    return this.#due.delete(key)
  }

  has(key: Key): boolean {
    return this.#due.has(key)
  }

  /** Removes and returns the oldest key, due or not. */
  shift(): Key | undefined {
    for (const key of this.#due.keys()) {
      this.#due.delete(key)
      return key
    }
    return undefined
  }

  /** Removes and returns the oldest key if it is due. */
  takeDue(now: number): Key | undefined {
    return this.next <= now ? this.shift() : undefined
  }
}
