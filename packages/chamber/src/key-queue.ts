/** Runs the tasks of one key one after the other, in the order in which they came; those of other keys beside them. */
export class KeyQueue {
  readonly #last = new Map<string, Promise<unknown>>()

  run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key)
    const result = before ? before.then(task, task) : task()
    this.#last.set(key, result)
    const forget = (): void => {
      if (this.#last.get(key) === result) this.#last.delete(key)
    }
    result.then(forget, forget)
    return result
  }

  /** Resolves when all tasks so far have ended, well or not. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#last.values())
  }
}
