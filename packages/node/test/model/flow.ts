import type { Stream } from '../../src/api/stream.ts'

/**
 * One direction of a stream: what was written into it, and what came out, byte by byte. Each flow carries bytes of
 * its own, so that one that ends up in another is noticed.
 */
export class Flow {
  readonly #number: number
  readonly writer: Stream
  reader: Stream | undefined
  /** Bytes given to `write`. */
  written = 0
  hasEnded = false
  resetCode: number | undefined
  stopCode: number | undefined
  /** Bytes that were read. */
  received = 0
  /** How reading ended: at FIN (or STOP), or with an error's code. */
  outcome: string | undefined
  isDelivered = false
  #resume: (() => void) | undefined
  #isPaused = false

  constructor(number: number, writer: Stream) {
    this.#number = number
    this.writer = writer
  }

  /** Whether neither side waits for anything of it. */
  get isOver(): boolean {
    const isGivenUp = this.resetCode !== undefined || this.stopCode !== undefined
    return this.outcome !== undefined && (this.isDelivered || isGivenUp)
  }

  /** The next bytes to write. */
  next(length: number): Uint8Array {
    const bytes = this.#bytes(this.written, length)
    this.written += length
    return bytes
  }

  /** Reads all that comes, unless paused. */
  async read(stream: Stream): Promise<void> {
    this.reader = stream
    try {
      for await (const chunk of stream) {
        this.#take(chunk)
        while (this.#isPaused) await new Promise<void>(resolve => (this.#resume = resolve))
      }
      this.outcome = WHOLE
    } catch (error) {
      this.outcome = (error as { code?: string }).code ?? String(error)
    }
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#resume?.()
  }

  #take(chunk: Uint8Array): void {
    const expected = this.#bytes(this.received, chunk.length)
    if (Buffer.compare(chunk, expected) !== 0) {
      throw new Error(`flow ${this.#number}: other bytes than were written, from ${this.received} on`)
    }
    this.received += chunk.length
    if (this.received > this.written) throw new Error(`flow ${this.#number}: more came than was written`)
  }

  #bytes(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    const start = offset + this.#number * 7_919
    for (let i = 0; i < length; i++) bytes[i] = ((start + i) * 2_654_435_761) >>> 13
    return bytes
  }
}

export const WHOLE = 'whole'
