import type { PeerAddress } from './peer-address.ts'

/** A HELLO with the right mac1, on a message link, that is over a limit. */
export interface WaitingHello {
  readonly address: string
  readonly from: PeerAddress
  readonly hello: Uint8Array
  /** Milliseconds: from then on it is not worth waiting. */
  readonly until: number
}

/**
 * HELLOs that wait for their turn, the oldest first, so that a crowd behind one address comes in one after another
 * instead of being sent away. One for each link, and a bounded number of links. spec: STT-HS-43
 */
export class HelloQueue {
  readonly #capacity: number
  readonly #waiting = new Map<string, WaitingHello>()
  /** When to look again; Infinity: nobody waits. */
  nextAt: number = Number.POSITIVE_INFINITY

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#waiting.size
  }

  has(address: string): boolean {
    return this.#waiting.has(address)
  }

  /** @returns false when there is no place */
  add(waiting: WaitingHello, turnAt: number): boolean {
    if (this.#waiting.size >= this.#capacity) return false
    this.#waiting.set(waiting.address, waiting)
    this.nextAt = Math.min(this.nextAt, turnAt, waiting.until)
    return true
  }

  remove(address: string): void {
    if (this.#waiting.delete(address) && this.#waiting.size === 0) this.nextAt = Number.POSITIVE_INFINITY
  }

  clear(): void {
    this.#waiting.clear()
    this.nextAt = Number.POSITIVE_INFINITY
  }

  /**
   * Asks for each that waits, in their order.
   *
   * @param visit when to look at it again; undefined: it waits no more
   */
  visit(visit: (waiting: WaitingHello) => number | undefined): void {
    let nextAt = Number.POSITIVE_INFINITY
    for (const waiting of this.#waiting.values()) {
      // One that fails is gone, and the others are looked at again.
      this.nextAt = Number.NEGATIVE_INFINITY
      let at: number | undefined
      try {
        at = visit(waiting)
      } finally {
        if (at === undefined) this.#waiting.delete(waiting.address)
      }
      if (at !== undefined) nextAt = Math.min(nextAt, at)
    }
    this.nextAt = nextAt
  }
}
