import type { Entry, Operation } from './entry.ts'

/** Every key with its object, as the log describes them. In memory, one for each open chamber. */
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

  /** No deleted key had a generation above this. A key that comes back continues above it, so it never names an old object. */
  get floor(): number {
    return this.#floor
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key)
  }

  /** A copy of the entries as they are now. */
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
