import type { ScopedStore } from '../store/scoped-store.ts'

/** Deletes objects that are no longer named, each when its last reader has ended. */
// spec: STT-CHA-17
export class DeferredDeletes {
  readonly #store: ScopedStore
  readonly #readers = new Map<string, number>()
  readonly #doomed = new Set<string>()

  constructor(store: ScopedStore) {
    this.#store = store
  }

  /** How many objects still have readers, or are in a store that could not delete them. */
  get pending(): number {
    return this.#doomed.size
  }

  /** Whether an object of this name is to be deleted: until then, the name must not be written again. */
  has(name: string): boolean {
    return this.#doomed.has(name)
  }

  /** A reader of this object has begun: the object stays until `release`. */
  retain(name: string): void {
    this.#readers.set(name, (this.#readers.get(name) ?? 0) + 1)
  }

  /** A reader of this object has ended. */
  async release(name: string): Promise<void> {
    const readers = (this.#readers.get(name) ?? 0) - 1
    if (readers > 0) {
      this.#readers.set(name, readers)
      return
    }
    this.#readers.delete(name)
    if (this.#doomed.has(name)) await this.#delete(name)
  }

  /** Deletes an object now, or when its last reader ends. */
  async delete(name: string): Promise<void> {
    this.#doomed.add(name)
    if (!this.#readers.has(name)) await this.#delete(name)
  }

  /** Deletes all that is left, even what is being read. */
  async deleteAll(): Promise<void> {
    for (const name of this.#doomed) await this.#delete(name)
  }

  /** Where the store cannot delete now, the object stays pending, and goes when the chamber is opened again. */
  async #delete(name: string): Promise<void> {
    try {
      await this.#store.delete(name)
      this.#doomed.delete(name)
    } catch {
      this.#doomed.add(name)
    }
  }
}
