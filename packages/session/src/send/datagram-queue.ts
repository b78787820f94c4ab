import { datagramSize, FrameType, type SentFrame, writeDatagram } from '@stt/frame'
import type { SessionEvent } from '../session-events.ts'

interface QueuedDatagram {
  readonly number: number
  readonly data: Uint8Array
}

/** Unreliable datagrams that wait to be sent: a bounded queue whose oldest entry makes room for a new one. */
export class DatagramQueue {
  readonly #capacity: number
  readonly #emit: (event: SessionEvent) => void
  readonly #queue: QueuedDatagram[] = []
  #next = 0
  #expired = 0

  constructor(capacity: number, emit: (event: SessionEvent) => void) {
    this.#capacity = capacity
    this.#emit = emit
  }

  get length(): number {
    return this.#queue.length
  }

  /** Datagrams that were dropped unsent: newer ones came, the path shrank, or the session ended. */
  get expired(): number {
    return this.#expired
  }

  /** @returns the number that the `datagram-settled` event will name */
  push(data: Uint8Array): number {
    if (this.#queue.length >= this.#capacity) this.#expire()
    const number = this.#next++
    this.#queue.push({ number, data: data.slice() })
    return number
  }

  /** Whether the next datagram fits between `offset` and `limit`; true when none waits. */
  fits(offset: number, limit: number): boolean {
    const next = this.#queue[0]
    return !next || offset + datagramSize(next.data.length) <= limit
  }

  /** Writes what fits up to `limit` and returns the offset after it. */
  write(buffer: Uint8Array, offset: number, limit: number, sent: SentFrame[]): number {
    let at = offset
    while (this.#queue.length > 0 && this.fits(at, limit)) {
      const { number, data } = this.#queue.shift()!
      at = writeDatagram(buffer, at, data)
      sent.push({ type: FrameType.Datagram, id: number, offset: 0, length: data.length, fin: false })
    }
    return at
  }

  /** Drops from the front what the path can no longer carry: a datagram above `largest` bytes would wait for ever. */
  expireLargerThan(largest: number): void {
    while (this.#queue[0] && this.#queue[0].data.length > largest) this.#expire()
  }

  /** Settles everything that still waits. */
  clear(): void {
    while (this.#queue.length > 0) this.#expire()
  }

  #expire(): void {
    const oldest = this.#queue.shift()!
    this.#expired++
    this.#emit({ type: 'datagram-settled', datagram: oldest.number, outcome: 'expired' })
  }
}
