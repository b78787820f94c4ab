/**
 * A queue: adding and taking cost the same however many items wait. `Array.shift()` moves all that are behind, which
 * from some ten thousand items on takes longer than whatever is done with the item.
 */
export class Fifo<T> {
  #items: (T | undefined)[] = []
  /** Items before this place have been taken. */
  #head = 0

  get length(): number {
    return this.#items.length - this.#head
  }

  push(item: T): void {
    this.#items.push(item)
  }

  /** The oldest item, which stays; `undefined` when there is none. */
  peek(): T | undefined {
    return this.#items[this.#head]
  }

  /** Takes the oldest item; `undefined` when there is none. */
  shift(): T | undefined {
    const items = this.#items
    if (this.#head === items.length) return undefined
    const item = items[this.#head]
    // The place is kept for a while, what it held is not.
    items[this.#head++] = undefined
    if (this.#head === items.length) this.clear()
    else if (this.#head >= LEAST_MOVE && 2 * this.#head >= items.length) {
      // No more is moved than was taken since the last time.
      this.#items = items.slice(this.#head)
      this.#head = 0
    }
    return item
  }

  clear(): void {
    if (this.#items.length > LEAST_MOVE) this.#items = []
    else this.#items.length = 0
    this.#head = 0
  }
}

/** Fewer items are not worth the move, and as many places stay for the next ones. */
const LEAST_MOVE = 32
