import type { Origin } from '../origin.ts'

/** A HELLO with the right mac1, on a message link, that is over a limit. */
export interface WaitingHello<O extends Origin> {
  readonly from: O
  readonly hello: Uint8Array
  /** The time in milliseconds at which the wait ends. */
  readonly until: number
  /** Which of `macKeys` made mac1. */
  readonly seedIndex: number
  /** The keys that were tried. */
  readonly macKeys: readonly Uint8Array[]
}

/**
 * HELLOs that wait for their turn, the oldest first, so that a crowd behind one address comes in one after another
 * instead of being sent away. One for each link, and a bounded number of links. spec: STT-HS-43
 */
export class HelloQueue<O extends Origin> {
  readonly #capacity: number
  readonly #waiting = new Map<Origin, WaitingHello<O>>()
  /** When to look again; Infinity when the queue is empty. */
  deadline: number = Number.POSITIVE_INFINITY

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#waiting.size
  }

  has(link: Origin): boolean {
    return this.#waiting.has(link)
  }

  /** @returns false when there is no place */
  add(waiting: WaitingHello<O>, turnAt: number): boolean {
    if (this.#waiting.size >= this.#capacity) return false
    this.#waiting.set(waiting.from, waiting)
    this.deadline = Math.min(this.deadline, turnAt, waiting.until)
    return true
  }

  remove(link: Origin): void {
    if (this.#waiting.delete(link) && this.#waiting.size === 0) this.deadline = Number.POSITIVE_INFINITY
  }

  clear(): void {
    this.#waiting.clear()
    this.deadline = Number.POSITIVE_INFINITY
  }

  /**
   * Visits all that wait, oldest first.
   *
   * @param visit answers when to look at this HELLO again, or undefined to remove it
   */
  visit(visit: (waiting: WaitingHello<O>) => number | undefined): void {
    let deadline = Number.POSITIVE_INFINITY
    for (const waiting of this.#waiting.values()) {
      // If a visit throws, that HELLO is removed, and the others are visited again at once.
      this.deadline = Number.NEGATIVE_INFINITY
      let at: number | undefined
      try {
        at = visit(waiting)
      } finally {
        if (at === undefined) this.#waiting.delete(waiting.from)
      }
      if (at !== undefined) deadline = Math.min(deadline, at)
    }
    this.deadline = deadline
  }
}
