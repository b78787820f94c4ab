import type { Entry, Operation } from './entry.ts'

/** What the log says so far: every key with its object. One for each open chamber, in memory. */
export class KeyIndex {
  readonly #entries = new Map<string, Entry>()
  #bytes = 0
  #floor: number

  /** @param floor see `floor` */
  constructor(floor = 0) {
    this.#floor = floor
  }

  get size(): number {
    return this.#entries.size
  }

  /** Plaintext bytes of all objects. */
  get bytes(): number {
    return this.#bytes
  }

  /** No deleted key had a generation above this: a key that comes back goes on above it, and never names an old object. */
  get floor(): number {
    return this.#floor
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key)
  }

  /** As they are now; later changes do not reach it. */
  snapshot(): Entry[] {
    return [...this.#entries.values()]
  }

  keys(): IterableIterator<string> {
    return this.#entries.keys()
  }

  entries(): IterableIterator<Entry> {
    return this.#entries.values()
  }

  add(entry: Entry): void {
    this.#remove(entry.key)
    this.#entries.set(entry.key, entry)
    this.#bytes += entry.size
  }

  apply(operation: Operation): void {
    if (operation.type === 'put') return this.add(operation.entry)
    const removed = this.#remove(operation.key)
    if (removed) this.#floor = Math.max(this.#floor, removed.generation)
  }

  #remove(key: string): Entry | undefined {
    const entry = this.#entries.get(key)
    if (entry) {
      this.#entries.delete(key)
      this.#bytes -= entry.size
    }
    return entry
  }
}
