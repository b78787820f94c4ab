import { Duplex } from 'node:stream'
import { isSttError } from '@stt/errors'
import type { ToDuplexOptions } from '../api/node-stream.ts'
import { type Halves, StreamCore } from './stream-core.ts'

/** A stream as Node's programs take it: whatever pipes or parses a socket takes this one. */
export class StreamDuplex extends Duplex {
  readonly #stream: StreamCore
  readonly #halves: Halves
  readonly #chunks: AsyncIterator<Uint8Array, undefined> | undefined
  #isPulling = false
  #isOver = false

  constructor(stream: StreamCore, halves: Halves, options: ToDuplexOptions = {}) {
    // A one-way stream has one half; of two, the end of one is not the end of the other.
    const shape = { readable: halves.isReadable, writable: halves.isWritable, allowHalfOpen: true }
    super({ ...options, ...shape })
    this.#stream = stream
    this.#halves = halves
    if (halves.isReadable) {
      this.#chunks = halves.reader.chunks()
      this.#watch()
    }
    // An ended half needs no further attention: its fate is no reason to give up reading.
    if (halves.isWritable) {
      stream.delivered.catch((failure: Error) => {
        if (!this.writableFinished) this.#fail(failure, isReset(failure))
      })
    }
  }

  override _read(): void {
    if (this.#isPulling) return
    this.#isPulling = true
    this.#chunks!.next().then(this.#onNext, this.#onFailed)
  }

  override _write(chunk: Uint8Array, _encoding: string, callback: (error?: Error) => void): void {
    this.#stream.write(chunk).then(() => callback(), callback)
  }

  override _final(callback: (error?: Error) => void): void {
    this.#stream.end().then(() => callback(), callback)
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    StreamCore.giveUp(this.#stream, error ? FAILED : 0)
    callback(error)
  }

  readonly #onNext = ({ done, value }: IteratorResult<Uint8Array, undefined>): void => {
    this.#isPulling = false
    if (done) return this.#onOver(undefined)
    this.push(value)
    this.#watch()
  }

  readonly #onFailed = (failure: unknown): void => {
    this.#isPulling = false
    this.#onOver(failure)
  }

  /** Learns of the end even without a reader, or while reading waits for a slow destination. */
  #watch(): void {
    this.#halves.reader.whenOver((failure: unknown) => {
      // A pull under way ends with the same news.
      if (!this.#isPulling) this.#onOver(failure)
    })
  }

  #onOver(failure: unknown): void {
    if (this.destroyed || this.#isOver) return
    this.#isOver = true
    // To stop and then only write is to be done with reading; to who reads, what was cut must not look like the end.
    const cut = this.#isRead ? this.#halves.reader.cut : undefined
    if (failure ?? cut) this.#fail((failure ?? cut) as Error, cut !== undefined)
    else this.push(null)
  }

  /**
   * An `error` event without a listener ends the program. What this side asked for, the close of a session, and what
   * comes when the program has no use for the stream any more is no reason: without a listener there is only `close` then.
   */
  #fail(failure: Error, isOwn: boolean): void {
    const isExpected = isOwn || this.#isLeft || isSttError(failure, 'STT_CLOSED')
    this.destroy(isExpected && this.listenerCount('error') === 0 ? undefined : failure)
  }

  /** Whether the program has written what it wanted to, and never began to read. */
  get #isLeft(): boolean {
    return !this.#isRead && (this.writableFinished || !this.#halves.isWritable)
  }

  get #isRead(): boolean {
    return this.readableFlowing !== null || this.readableDidRead || this.listenerCount('readable') > 0
  }
}

/** As a reason why nothing can be written any more it is this side's own doing: the peer stops. */
const isReset = (failure: Error): boolean => isSttError(failure, 'STT_STREAM_RESET')

/** The code of a half that is given up for an error of the application, as that of a handler which failed. */
const FAILED = 1
