import { datagramSize, FrameType, type SentFrame, writeDatagram } from '@stt/frame'
import type { SessionEvent } from './session-events.ts'

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

  /** Datagrams that were dropped from the queue because newer ones came. */
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

  /** Writes what fits up to `limit` and returns the offset after it. */
  write(buffer: Uint8Array, offset: number, limit: number, sent: SentFrame[]): number {
    let at = offset
    for (let first = this.#queue[0]; first && at + datagramSize(first.data.length) <= limit; first = this.#queue[0]) {
      at = writeDatagram(buffer, at, first.data)
      sent.push({ type: FrameType.Datagram, id: first.number, offset: 0, length: first.data.length, fin: false })
      this.#queue.shift()
    }
    return at
  }

  /** Drops what the path can no longer carry: a datagram above `largest` bytes would wait for ever. */
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
