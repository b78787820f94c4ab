import { SttError } from '@stt/errors'
import { datagramSize, Fifo, FrameType, type SentFrame, writeDatagram } from '@stt/frame'
import type { SessionEvent } from '../session-events.ts'

interface QueuedDatagram {
  readonly number: number
  readonly data: Uint8Array
}

/** Unreliable datagrams that wait to be sent: a bounded queue, which drops its oldest entry for a new one. */
export class DatagramQueue {
  readonly #capacity: number
  readonly #emit: (event: SessionEvent) => void
  readonly #queue = new Fifo<QueuedDatagram>()
  #bytes = 0
  #next = 0
  #expired = 0

  constructor(capacity: number, emit: (event: SessionEvent) => void) {
    this.#capacity = capacity
    this.#emit = emit
  }

  get length(): number {
    return this.#queue.length
  }

  /** Bytes of the datagrams that wait. */
  get bytes(): number {
    return this.#bytes
  }

  /** Datagrams that were dropped unsent because newer ones came, the path shrank, or the session ended. */
  get expired(): number {
    return this.#expired
  }

  /**
   * @param largest bytes of the largest datagram that can be sent now; 0 when none can
   * @returns the number that the `datagram-settled` event will name
   * @throws SttError `STT_DATAGRAM_TOO_LARGE`
   */
  push(data: Uint8Array, largest: number): number {
    if (data.length > largest || largest === 0) throw tooLarge(data.length, largest)
    if (this.#queue.length >= this.#capacity) this.#expire()
    const number = this.#next++
    this.#queue.push({ number, data: data.slice() })
    this.#bytes += data.length
    return number
  }

  /** Whether the next datagram fits between `offset` and `limit`; true when none waits. */
  fits(offset: number, limit: number): boolean {
    const next = this.#queue.peek()
    return !next || offset + datagramSize(next.data.length) <= limit
  }

  /** Writes as many datagrams as fit up to `limit`. @returns the offset after them */
  write(buffer: Uint8Array, offset: number, limit: number, sent: SentFrame[]): number {
    let at = offset
    while (this.#queue.length > 0 && this.fits(at, limit)) {
      const { number, data } = this.#take()
      at = writeDatagram(buffer, at, data)
      sent.push({ type: FrameType.Datagram, id: number, offset: 0, length: data.length, fin: false })
    }
    return at
  }

  /** Drops datagrams above `largest` bytes from the front: they would wait for ever. */
  expireLargerThan(largest: number): void {
    while ((this.#queue.peek()?.data.length ?? 0) > largest) this.#expire()
  }

  /** Drops all datagrams. */
  clear(): void {
    while (this.#queue.length > 0) this.#expire()
  }

  #expire(): void {
    const { number } = this.#take()
    this.#expired++
    this.#emit({ type: 'datagram-settled', datagram: number, outcome: 'expired' })
  }

  #take(): QueuedDatagram {
    const oldest = this.#queue.shift()!
    this.#bytes -= oldest.data.length
    return oldest
  }
}

function tooLarge(length: number, largest: number): SttError {
  const message =
    largest === 0
      ? 'this session takes no datagrams now: the peer allows none, or there is no link'
      : `a datagram here holds at most ${largest} bytes, not ${length}: split it or use a stream`
  return new SttError('STT_DATAGRAM_TOO_LARGE', message, { details: { maximum: largest, length } })
}
