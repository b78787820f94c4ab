import { concatBytes } from '@stt/crypto'
import { encodeMessage } from './protocol/encode.ts'
import type { Message } from './protocol/messages.ts'

/** What a transfer needs of a stream: both of its halves, and no session. A `Stream` of a session is one. */
export interface TransferStream extends AsyncIterable<Uint8Array> {
  /** Resolves once the bytes may be written over. */
  write(bytes: Uint8Array): Promise<void>
}

/** Messages on their way to a stream: small ones of one moment share a write, and what waits is bounded by `room`. */
export class Outbox {
  readonly #stream: Pick<TransferStream, 'write'>
  #waiting: Uint8Array[] = []
  #length = 0
  #writing: Promise<void> | undefined
  #isHeld = false
  #failure: unknown
  /** What `take` gives pieces of, and how much of it was given. */
  #block: Uint8Array<ArrayBuffer> | undefined
  #used = 0
  /** Blocks that are given no more, and those that may be given again: new ones would keep V8's collector busy. */
  readonly #full: Uint8Array<ArrayBuffer>[] = []
  readonly #free: Uint8Array<ArrayBuffer>[] = []

  constructor(stream: Pick<TransferStream, 'write'>) {
    this.#stream = stream
  }

  /** Takes a message; the bytes of `data` belong to it from now on. */
  send(message: Message): void {
    this.sendBytes(encodeMessage(message))
  }

  sendBytes(bytes: Uint8Array): void {
    this.#waiting.push(bytes)
    this.#length += bytes.length
    if (!this.#isHeld) this.#writing ??= this.#write()
  }

  /** Memory for a message of at most `BLOCK` bytes, to be written to and given to `sendTaken`, or not, before anything else is taken. */
  take(length: number): Uint8Array {
    if (!this.#block || this.#used + length > BLOCK) {
      if (this.#block) this.#full.push(this.#block)
      this.#block = this.#free.pop() ?? new Uint8Array(BLOCK)
      this.#used = 0
    }
    return this.#block.subarray(this.#used, this.#used + length)
  }

  /** Sends what was taken last. */
  sendTaken(bytes: Uint8Array): void {
    this.#used += bytes.length
    const last = this.#waiting.at(-1)
    if (last?.buffer !== bytes.buffer || last.byteOffset + last.length !== bytes.byteOffset)
      return this.sendBytes(bytes)
    this.#waiting[this.#waiting.length - 1] = new Uint8Array(bytes.buffer, last.byteOffset, last.length + bytes.length)
    this.#length += bytes.length
  }

  /** Keeps what is sent until `release`, so that it goes together. */
  hold(): void {
    this.#isHeld = true
  }

  release(): void {
    this.#isHeld = false
    if (this.#length > 0) this.#writing ??= this.#write()
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
      while (this.#waiting.length > 0) {
        const batch = this.#waiting
        this.#waiting = []
        const bytes = batch.length === 1 ? batch[0]! : concatBytes(batch)
        await this.#stream.write(bytes)
        this.#length -= bytes.length
        this.#reuse()
      }
    } catch (error) {
      this.#failure = error
      this.#waiting = []
      this.#length = 0
    } finally {
      this.#writing = undefined
    }
  }

  /** The stream has copied what was written: blocks of which nothing waits are there again. */
  #reuse(): void {
    const [free, full] = [this.#free, this.#full]
    for (const block of full.splice(0)) {
      const isWaiting = this.#waiting.some(({ buffer }) => buffer === block.buffer)
      ;(isWaiting ? full : free).push(block)
    }
  }
}

const ENOUGH = 524_288
/** Room for the largest message: a piece of 256 KiB and its header, or a whole file with the longest path. */
const BLOCK = 263_168
