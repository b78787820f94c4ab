import { SttError } from '@stt/errors'
import { Queue, QueueNode } from '@stt/stream'
import { type Deferred, deferred } from './deferred.ts'

type Next<T> = IteratorResult<T, undefined>

/** Calls of `next` that were not answered yet: each gets an item of its own. */
type Reader<T> = Queue<Deferred<Next<T>>>

export interface QueueObserver<T> {
  /** An item that waited was taken. */
  onTaken?(item: T): void
}

/** An unbounded queue of items for one `for await`; the code that fills it limits it. */
export class AsyncQueue<T> implements AsyncIterable<T> {
  readonly #what: string
  readonly #observer: QueueObserver<T>
  readonly #items: Queue<T> = new Queue()
  #length = 0
  #closed = false
  #error: unknown
  #reader: Reader<T> | undefined

  /**
   * @param what the method that gives the iterable, for the error of a second reader
   * @param observer told of each item that waited and is taken
   */
  constructor(what: string, observer: QueueObserver<T> = {}) {
    this.#what = what
    this.#observer = observer
  }

  /** Number of items that wait. */
  get length(): number {
    return this.#length
  }

  /** Whether a loop has begun and was neither left nor came to the end. */
  get isRead(): boolean {
    return this.#reader !== undefined
  }

  /** @returns the item's place, unless somebody waited for it or the queue is closed */
  push(item: T): QueueNode<T> | undefined {
    if (this.#closed) return undefined
    const waiting = this.#reader?.shift()
    if (waiting) {
      waiting.resolve({ done: false, value: item })
      return undefined
    }
    const place = new QueueNode(item)
    this.#items.push(place)
    this.#length++
    return place
  }

  /** Takes the oldest item out. */
  shift(): T | undefined {
    const item = this.#items.shift()
    if (item === undefined) return undefined
    this.#length--
    this.#observer.onTaken?.(item)
    return item
  }

  /** Takes an item out that has become worthless. @returns whether it was there */
  remove(place: QueueNode<T>): boolean {
    if (place.queue !== this.#items) return false
    this.#items.remove(place)
    this.#length--
    return true
  }

  /** Ends the iteration after what is queued; with `error`, by throwing it. */
  close(error?: unknown): void {
    if (this.#closed) return
    this.#closed = true
    this.#error = error
    const reader = this.#reader
    if (!reader || reader.isEmpty) return
    this.#reader = undefined
    // The first waiting call gets the error, as from a generator that throws once; the others get the end.
    if (error !== undefined) reader.shift()!.reject(error)
    end(reader)
  }

  /** One reader at a time: two would each miss what the other got. Leaving the loop lets another begin. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    if (this.#reader)
      throw new SttError('STT_INVALID_STATE', `${this.#what} is being read already: read it in one place`)
    const reader: Reader<T> = new Queue()
    this.#reader = reader
    const iterator: AsyncIterableIterator<T, undefined> = {
      next: () => this.#next(reader),
      return: async () => {
        if (this.#reader === reader) this.#reader = undefined
        // A call of `next` that was given up must not take what comes for the next loop.
        end(reader)
        return END
      },
      [Symbol.asyncIterator]: () => iterator,
    }
    return iterator
  }

  async #next(reader: Reader<T>): Promise<Next<T>> {
    if (this.#reader !== reader) return END
    const item = this.shift()
    if (item !== undefined) return { done: false, value: item }
    if (!this.#closed) {
      const next = deferred<Next<T>>()
      reader.push(new QueueNode(next))
      return next.promise
    }
    this.#reader = undefined
    if (this.#error !== undefined) throw this.#error
    return END
  }
}

function end<T>(reader: Reader<T>): void {
  for (let next = reader.shift(); next; next = reader.shift()) next.resolve(END)
}

const END: { readonly done: true; readonly value: undefined } = { done: true, value: undefined }
