import type { ScopedStore } from '../store/scoped-store.ts'

/** Deletes objects that nothing names any more, each when the last of its readers ended. */
// spec: STT-CHA-17
export class Disposal {
  readonly #store: ScopedStore
  readonly #readers = new Map<string, number>()
  readonly #doomed = new Set<string>()

  constructor(store: ScopedStore) {
    this.#store = store
  }

  /** Objects that wait for their readers, or for a store that could not delete them. */
  get pending(): number {
    return this.#doomed.size
  }

  /** Whether an object of this name is to be deleted: it must not be written again before it was. */
  has(name: string): boolean {
    return this.#doomed.has(name)
  }

  retain(name: string): void {
    this.#readers.set(name, (this.#readers.get(name) ?? 0) + 1)
  }

  async release(name: string): Promise<void> {
    const readers = (this.#readers.get(name) ?? 0) - 1
    if (readers > 0) {
      this.#readers.set(name, readers)
      return
    }
    this.#readers.delete(name)
    if (this.#doomed.has(name)) await this.#delete(name)
  }

  async dispose(name: string): Promise<void> {
    this.#doomed.add(name)
    if (!this.#readers.has(name)) await this.#delete(name)
  }

  /** Deletes what is left, readers or not. */
  async disposeAll(): Promise<void> {
    for (const name of this.#doomed) await this.#delete(name)
  }

  /** A store that cannot delete now keeps an object that nobody needs: it stays pending, and goes when the chamber is opened. */
  async #delete(name: string): Promise<void> {
    try {
      await this.#store.delete(name)
      this.#doomed.delete(name)
    } catch {
      this.#doomed.add(name)
    }
  }
}
