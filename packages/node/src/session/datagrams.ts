import type { DatagramOutcome } from '@stt/session'
import { AsyncQueue } from '../queues/async-queue.ts'
import { type Deferred, deferred } from '../queues/deferred.ts'

/** The datagrams of one session: what became of those that were sent, and those that arrived and wait to be read. */
export class Datagrams {
  readonly #unread = new AsyncQueue<Uint8Array<ArrayBuffer>>('session.datagrams()', {
    onTaken: taken => {
      this.#bytes -= taken.length
    },
  })
  #bytes = 0
  readonly #fates = new Map<number, Deferred<DatagramOutcome>>()
  #dropped = 0

  get unread(): AsyncIterable<Uint8Array<ArrayBuffer>> {
    return this.#unread
  }

  get hasUnread(): boolean {
    return this.#unread.length > 0
  }

  /** Bytes of unread datagrams. */
  get bytes(): number {
    return this.#bytes
  }

  /** How many arrived and were pushed out unread by newer ones. */
  get dropped(): number {
    return this.#dropped
  }

  /** Resolves with the outcome of the datagram that has this number in the engine. */
  fateOf(datagram: number): Promise<DatagramOutcome> {
    const fate = deferred<DatagramOutcome>()
    this.#fates.set(datagram, fate)
    return fate.promise
  }

  settle(datagram: number, outcome: DatagramOutcome): void {
    this.#fates.get(datagram)?.resolve(outcome)
    this.#fates.delete(datagram)
  }

  push(data: Uint8Array<ArrayBuffer>): void {
    while (this.#unread.length > 0 && (this.#unread.length >= MAX_UNREAD || this.#bytes + data.length > MAX_BYTES)) {
      this.#unread.shift()
      this.#dropped++
    }
    if (this.#unread.push(data)) this.#bytes += data.length
  }

  /** No more datagrams arrive. The unread ones can still be read; then the iteration throws `failure`, if given. */
  end(failure: unknown): void {
    this.#unread.close(failure)
  }

  /** No answer comes any more. */
  loseAll(): void {
    for (const fate of this.#fates.values()) fate.resolve('lost')
    this.#fates.clear()
  }
}

const MAX_UNREAD = 256
/** The largest one always fits. */
const MAX_BYTES = 512 * 1_024
