import type { Stream } from '@stt/node'
import { encodeMessage } from './protocol/encode.ts'
import type { Message } from './protocol/messages.ts'

/** What a transfer needs of a stream: both of its halves, and no session. */
export type TransferStream = Pick<Stream, 'write'> & AsyncIterable<Uint8Array>

/** Messages on their way to a stream: small ones of one moment share a write, and what waits is bounded by `room`. */
export class Outbox {
  readonly #stream: Pick<Stream, 'write'>
  #waiting: Uint8Array[] = []
  #length = 0
  #writing: Promise<void> | undefined
  #failure: unknown

  constructor(stream: Pick<Stream, 'write'>) {
    this.#stream = stream
  }

  /** Takes a message; the bytes of `data` belong to it from now on. */
  send(message: Message): void {
    this.sendBytes(encodeMessage(message))
  }

  sendBytes(bytes: Uint8Array): void {
    this.#waiting.push(bytes)
    this.#length += bytes.length
    this.#writing ??= this.#write()
  }

  /** Resolves when little waits. Rejects with why the stream takes no more. */
  async room(): Promise<void> {
    while (this.#length > ENOUGH && this.#failure === undefined) await this.#writing
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Resolves when flow control has accepted everything. */
  async flushed(): Promise<void> {
    while (this.#writing && this.#failure === undefined) await this.#writing
    if (this.#failure !== undefined) throw this.#failure
  }

  async #write(): Promise<void> {
    try {
      // What is sent in this turn goes together.
      await Promise.resolve()
      while (this.#length > 0) {
        const batch = this.#waiting
        const length = this.#length
        this.#waiting = []
        const bytes = batch.length === 1 ? batch[0]! : Buffer.concat(batch, length)
        await this.#stream.write(bytes)
        this.#length -= length
      }
    } catch (error) {
      this.#failure = error
      this.#waiting = []
      this.#length = 0
    } finally {
      this.#writing = undefined
    }
  }
}

const ENOUGH = 524_288
