/**
 * A queue in which adding and taking cost the same however many items wait. `Array.shift()` moves all items behind the
 * first, which from some ten thousand on takes longer than the work on the item.
 */
export class Fifo<T> {
  #items: (T | undefined)[] = []
  /** Items before this place have been taken. */
  #head = 0

  /** Items that wait. */
  get length(): number {
    return this.#items.length - this.#head
  }

  /** Adds an item behind all others. */
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
    // The place stays for a while, its item does not.
    items[this.#head++] = undefined
    if (this.#head === items.length) this.clear()
    else if (this.#head >= LEAST_MOVE && 2 * this.#head >= items.length) {
      // This moves no more items than were taken since the last time.
      this.#items = items.slice(this.#head)
      this.#head = 0
    }
    return item
  }

  /** Drops all items. */
  clear(): void {
    if (this.#items.length > LEAST_MOVE) this.#items = []
    else this.#items.length = 0
    this.#head = 0
  }
}

/** Fewer items are not worth the move. As many places stay for the next items. */
const LEAST_MOVE = 32
