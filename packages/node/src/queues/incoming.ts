import type { QueueNode } from '@stt/stream'
import { AsyncQueue, type QueueObserver } from './async-queue.ts'

/** Takes what a peer opened. */
export type Handler<T> = (item: T) => unknown

export interface IncomingObserver<T> extends QueueObserver<T> {
  /**
   * A handler threw, or its promise rejected.
   *
   * @param isShared whether another handler got the item, and has not failed
   */
  onFailed(item: T, cause: unknown, isShared: boolean): void
}

interface Registered<T> {
  handle(item: T): unknown
}

/** Sessions or streams that peers open. Every handler gets each of them; without a handler they wait for one loop. */
export class Incoming<T> {
  /** Items that no handler got. */
  readonly unread: AsyncQueue<T>
  readonly #handlers = new Set<Registered<T>>()
  readonly #observer: IncomingObserver<T>

  /** @param what the method that gives the iterable, for the error of a second reader */
  constructor(what: string, observer: IncomingObserver<T>) {
    this.unread = new AsyncQueue(what, observer)
    this.#observer = observer
  }

  /** @returns the item's place among the unread ones, if it is there */
  push(item: T): QueueNode<T> | undefined {
    if (this.#handlers.size === 0) return this.unread.push(item)
    let holders = this.#handlers.size
    for (const { handle } of this.#handlers) this.#call(handle, item, () => --holders > 0)
    return undefined
  }

  /**
   * Calls `handle` with each item from now on, and with those that wait already, unless a loop reads
   * them.
   *
   * @returns what takes the handler away again
   */
  add(handle: Handler<T>): () => void {
    const handler = { handle }
    this.#handlers.add(handler)
    if (!this.unread.isRead) {
      for (let item = this.unread.shift(); item !== undefined; item = this.unread.shift())
        this.#call(handle, item, () => false)
    }
    return () => void this.#handlers.delete(handler)
  }

  /**
   * Never runs inside a call of the application, which may be about to register another handler.
   *
   * @param fails counts a handler that failed; whether another one has the item
   */
  #call(handle: Handler<T>, item: T, fails: () => boolean): void {
    Promise.resolve(item)
      .then(handle)
      .catch((cause: unknown) => this.#observer.onFailed(item, cause, fails()))
  }
}
