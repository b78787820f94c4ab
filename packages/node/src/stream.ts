import { abortError, SttError } from '@stt/errors'
import { ProtocolError } from '@stt/frame'
import type { Stream as StreamEngine, StreamEvent, StreamStatistics } from '@stt/stream'
import { type Deferred, deferred } from './deferred.ts'
import { PendingWrites } from './pending-writes.ts'
import { readableOf, writableOf } from './web-streams.ts'

export interface WriteOptions {
  readonly signal?: AbortSignal
}

/** What a stream needs of its session. */
export interface StreamOwner {
  /** To be called after anything was asked of the engine. */
  schedule(): void
  /** The peer broke a rule that showed only in reading. */
  violation(error: ProtocolError): void
}

/** A stream with what only its session may do with it. */
export interface StreamHandle {
  readonly stream: Stream
  /** Takes what the session's driver reports of this stream. */
  readonly handle: (event: StreamEvent) => void
}

/**
 * An ordered stream of bytes to and from the peer; a one-way stream has only the half that its opener writes.
 * Reading it (`for await`) takes chunks as they arrive; not reading it holds the peer's `write` back.
 */
export class Stream implements AsyncIterable<Uint8Array> {
  readonly #engine: StreamEngine
  readonly #session: StreamOwner
  readonly #writes: PendingWrites
  readonly #delivered: Deferred<void> = deferred()
  /** What readers wait for when nothing is there, and what ends that. */
  #woken: Promise<void> | undefined
  #wake: (() => void) | undefined
  #reading = false
  #webReadable: ReadableStream<Uint8Array> | undefined
  #webWritable: WritableStream<Uint8Array> | undefined

  private constructor(engine: StreamEngine, session: StreamOwner) {
    this.#engine = engine
    this.#session = session
    this.#writes = new PendingWrites(engine)
  }

  static create(engine: StreamEngine, session: StreamOwner): StreamHandle {
    const stream = new Stream(engine, session)
    return { stream, handle: event => stream.#handle(event) }
  }

  get id(): number {
    return this.#engine.id
  }

  get unidirectional(): boolean {
    return this.#engine.unidirectional
  }

  /**
   * Writes `bytes` behind what was written before. Resolves when flow control accepted them all: the array is the
   * caller's again, and waiting for it is what keeps memory bounded.
   *
   * Rejects with `STT_STREAM_STOPPED` (the peer reads no further), `STT_INVALID_STATE` (after `end` or `reset`), with
   * why the session ended, or, when `signal` aborts this write, `STT_ABORTED` with `details.accepted`, the bytes that
   * went on their way before.
   */
  write(bytes: Uint8Array, options: WriteOptions = {}): Promise<void> {
    return this.#write(bytes, false, options)
  }

  /** Writes one message, whose boundaries `messages()` keeps at the other end: at most the peer's limit, 2 MiB by default. */
  writeMessage(bytes: Uint8Array, options: WriteOptions = {}): Promise<void> {
    return this.#write(bytes, true, options)
  }

  /** Ends the sending half after what was written (FIN). `delivered` says when the peer has it all. */
  async end(): Promise<void> {
    await this.#writes.idle()
    this.#engine.end()
    this.#session.schedule()
  }

  /** Gives up the sending half: the peer's reading fails with `STT_STREAM_RESET` and `code`. */
  reset(code = 0): void {
    this.#engine.reset(code)
    this.#failWriting(
      new SttError('STT_STREAM_RESET', `this stream was reset with code ${code}`, { details: { code } }),
    )
    this.#session.schedule()
  }

  /** Gives up the receiving half: the peer's writing fails with `STT_STREAM_STOPPED` and `code`. */
  stop(code = 0): void {
    this.#engine.stop(code)
    this.#wakeReader()
    this.#session.schedule()
  }

  /** Resolves when the peer has acknowledged everything up to FIN; rejects when that will not happen. */
  get delivered(): Promise<void> {
    return this.#delivered.promise
  }

  /** The chunks that arrive, in order. Leaving the loop early tells the peer to stop. One reader at a time. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return this.#iterate(() => this.#engine.read())
  }

  /** The messages that the peer's `writeMessage` wrote, whole. */
  messages(): AsyncIterable<Uint8Array> {
    return { [Symbol.asyncIterator]: () => this.#iterate(() => this.#engine.readMessage()) }
  }

  /** The receiving half as a Web Stream. It is a reader: there is no other beside it. */
  get readable(): ReadableStream<Uint8Array> {
    return (this.#webReadable ??= readableOf(this))
  }

  /** The sending half as a Web Stream; aborting it resets the stream. */
  get writable(): WritableStream<Uint8Array> {
    return (this.#webWritable ??= writableOf(this))
  }

  getStatistics(): StreamStatistics {
    return this.#engine.getStatistics()
  }

  #handle(event: StreamEvent): void {
    switch (event.type) {
      case 'readable':
      case 'reset':
        return this.#wakeReader()
      case 'writable':
        return this.#writes.flush()
      case 'delivered':
        return this.#delivered.resolve()
      case 'stopped': {
        const message = `the peer stopped reading this stream with code ${event.code}`
        return this.#failWriting(new SttError('STT_STREAM_STOPPED', message, { details: { code: event.code ?? 0 } }))
      }
      case 'finished':
        if (this.#engine.error) this.#failWriting(this.#engine.error)
        return this.#wakeReader()
      default:
        return
    }
  }

  async #write(bytes: Uint8Array, message: boolean, { signal }: WriteOptions): Promise<void> {
    if (signal?.aborted) throw abortError(signal, 'this write')
    const written = this.#writes.push(bytes, message, signal)
    this.#session.schedule()
    if (written) await written
  }

  #failWriting(error: Error): void {
    this.#writes.fail(error)
    this.#delivered.reject(error)
  }

  #wakeReader(): void {
    this.#wake?.()
    this.#woken = this.#wake = undefined
  }

  #iterate(take: () => Uint8Array | undefined): AsyncIterator<Uint8Array, undefined> {
    if (this.#reading)
      throw new SttError('STT_INVALID_STATE', 'this stream is being read already: read it in one place')
    if (!this.#engine.isReadable)
      throw new SttError('STT_INVALID_STATE', 'this stream is one-way, from here to the peer: it has nothing to read')
    this.#reading = true
    return {
      next: () => this.#next(take),
      return: async () => {
        this.#reading = false
        if (!this.#engine.readableEnded && this.#engine.resetCode === undefined && !this.#engine.error) this.stop()
        return { done: true, value: undefined }
      },
    }
  }

  #take(take: () => Uint8Array | undefined): Uint8Array | undefined {
    try {
      return take()
    } catch (error) {
      if (error instanceof ProtocolError) this.#session.violation(error)
      throw error
    }
  }

  async #next(take: () => Uint8Array | undefined): Promise<IteratorResult<Uint8Array, undefined>> {
    for (;;) {
      const value = this.#take(take)
      if (value) {
        // The credit that reading returned goes to the peer.
        this.#session.schedule()
        return { done: false, value }
      }
      if (this.#engine.readableEnded) return { done: true, value: undefined }
      const { resetCode, error } = this.#engine
      if (resetCode !== undefined) {
        const message = `the peer reset this stream with code ${resetCode}: what was read before is all there is`
        throw new SttError('STT_STREAM_RESET', message, { details: { code: resetCode } })
      }
      if (error) throw error
      // Whoever stopped it knows that it is not whole.
      if (this.#engine.isStopped) return { done: true, value: undefined }
      this.#woken ??= new Promise(resolve => {
        this.#wake = resolve
      })
      await this.#woken
    }
  }
}
