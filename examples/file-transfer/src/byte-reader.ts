import { Failure } from './cli.ts'

/** Takes a stream of chunks apart by byte counts. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>
  #rest: Uint8Array = new Uint8Array()

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** Exactly `length` bytes. */
  async exactly(length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length)
    let filled = 0
    for await (const chunk of this.take(length)) {
      bytes.set(chunk, filled)
      filled += chunk.length
    }
    return bytes
  }

  /** The next `length` bytes, in the chunks in which they arrive. */
  async *take(length: number): AsyncGenerator<Uint8Array, void, undefined> {
    let left = length
    while (left > 0) {
      if (this.#rest.length === 0 && !(await this.#fill())) {
        throw new Failure(`the stream ended ${left} bytes early`)
      }
      const chunk = this.#rest.subarray(0, left)
      this.#rest = this.#rest.subarray(chunk.length)
      left -= chunk.length
      yield chunk
    }
  }

  /** Waits for the end of the stream, which has to come next. */
  async end(): Promise<void> {
    if (this.#rest.length > 0 || (await this.#fill())) throw new Failure('the stream goes on after its last field')
  }

  async #fill(): Promise<boolean> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next()
      if (next.done) return false
      this.#rest = next.value
    }
    return true
  }
}
