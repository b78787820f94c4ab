import { SttError } from '@stt/errors'
import { type Deferred, deferred } from './deferred.ts'

/** Items that come when they come, for one `for await`. Whoever fills it bounds it. */
export class AsyncQueue<T> implements AsyncIterable<T> {
  readonly #what: string
  #items: T[] = []
  #waiting: Deferred<IteratorResult<T, undefined>> | undefined
  #closed = false
  #error: unknown
  #iterating = false

  /** @param what the method that gives the iterable, for the error of a second reader */
  constructor(what: string) {
    this.#what = what
  }

  get length(): number {
    return this.#items.length
  }

  push(item: T): void {
    if (this.#closed) return
    if (this.#waiting) {
      this.#waiting.resolve({ done: false, value: item })
      this.#waiting = undefined
    } else this.#items.push(item)
  }

  /** Takes the oldest item out unread. */
  shift(): T | undefined {
    return this.#items.shift()
  }

  /** Takes an item out that has become worthless. */
  remove(item: T): void {
    this.#items = this.#items.filter(other => other !== item)
  }

  /** Ends the iteration after what is queued; with `error`, by throwing it. */
  close(error?: unknown): void {
    if (this.#closed) return
    this.#closed = true
    this.#error = error
    if (!this.#waiting) return
    this.#iterating = false
    if (error === undefined) this.#waiting.resolve({ done: true, value: undefined })
    else this.#waiting.reject(error)
    this.#waiting = undefined
  }

  /** One reader at a time: two would each miss what the other got. Leaving the loop lets another begin. */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    if (this.#iterating)
      throw new SttError('STT_INVALID_STATE', `${this.#what} is being read already: read it in one place`)
    this.#iterating = true
    return {
      next: () => this.#next(),
      return: async () => {
        this.#iterating = false
        return { done: true, value: undefined }
      },
    }
  }

  async #next(): Promise<IteratorResult<T, undefined>> {
    const item = this.#items.shift()
    if (item !== undefined) return { done: false, value: item }
    if (this.#closed) {
      this.#iterating = false
      if (this.#error !== undefined) throw this.#error
      return { done: true, value: undefined }
    }
    this.#waiting ??= deferred()
    return this.#waiting.promise
  }
}
