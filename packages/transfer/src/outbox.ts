import { concatBytes } from '@stt/crypto'
import { encodeMessage } from './protocol/encode.ts'
import type { Message } from './protocol/messages.ts'

/** The part of a stream that a transfer uses. A `Stream` of a session has it. */
export interface TransferStream extends AsyncIterable<Uint8Array> {
  /** Resolves once the caller may overwrite the bytes. */
  write(bytes: Uint8Array): Promise<void>
}

/** Messages on their way to a stream. Small messages of one turn share a write, and `room` bounds the waiting bytes. */
export class Outbox {
  readonly #stream: Pick<TransferStream, 'write'>
  #waiting: Uint8Array[] = []
  #length = 0
  #writing: Promise<void> | undefined
  #isHeld = false
  #failure: unknown
  /** The block of which `take` gives pieces. */
  #block: Uint8Array<ArrayBuffer> | undefined
  /** Bytes of the block that are given. */
  #used = 0
  /** Blocks without room, which may still wait to be written. */
  readonly #full: Uint8Array<ArrayBuffer>[] = []
  /** Blocks that can be used again: new ones would keep V8's collector busy. */
  readonly #free: Uint8Array<ArrayBuffer>[] = []

  constructor(stream: Pick<TransferStream, 'write'>) {
    this.#stream = stream
  }

  /** Sends a message, and owns the bytes of `data` from now on. */
  send(message: Message): void {
    this.sendBytes(encodeMessage(message))
  }

  sendBytes(bytes: Uint8Array): void {
    this.#waiting.push(bytes)
    this.#length += bytes.length
    if (!this.#isHeld) this.#writing ??= this.#write()
  }

  /** Gives memory for a message of at most `BLOCK` bytes. It is valid until the next `take`; `sendTaken` sends it. */
  take(length: number): Uint8Array {
    if (!this.#block || this.#used + length > BLOCK) {
      if (this.#block) this.#full.push(this.#block)
      this.#block = this.#free.pop() ?? new Uint8Array(BLOCK)
      this.#used = 0
    }
    return this.#block.subarray(this.#used, this.#used + length)
  }

  /** Sends the bytes that `take` gave last. */
  sendTaken(bytes: Uint8Array): void {
    this.#used += bytes.length
    const last = this.#waiting.at(-1)
    if (last?.buffer !== bytes.buffer || last.byteOffset + last.length !== bytes.byteOffset)
      return this.sendBytes(bytes)
    this.#waiting[this.#waiting.length - 1] = new Uint8Array(bytes.buffer, last.byteOffset, last.length + bytes.length)
    this.#length += bytes.length
  }

  /** Keeps messages back until `release`, so that they share a write. */
  hold(): void {
    this.#isHeld = true
  }

  release(): void {
    this.#isHeld = false
    if (this.#length > 0) this.#writing ??= this.#write()
  }

  /** Resolves when at most `ENOUGH` bytes wait. Rejects with the error of the stream. */
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
      // Messages of this turn share a write.
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

  /** The stream has copied the written bytes, so blocks without waiting bytes are free again. */
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
