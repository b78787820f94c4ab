import { abortable, abortError, bytesOf, checkOptions, checkSignal, SttError } from '@stt/errors'
import type { StreamEngine, StreamEvent, StreamStatistics } from '@stt/stream'
import { oneLine, showAs } from '../observe/inspect.ts'
import { type Deferred, deferred } from '../queues/deferred.ts'
import { PendingWrites } from './pending-writes.ts'
import type { StreamOwner } from './stream-owner.ts'
import { StreamReader } from './stream-reader.ts'
import { failing, readableOf, writableOf } from './web-streams.ts'

export interface WriteOptions {
  /** Ends the waiting, and for `write` and `writeMessage` the write. */
  readonly signal?: AbortSignal
}

export interface ReadOptions {
  /** Ends the waiting and gives up reading (`stop`), since what was read so far is lost. */
  readonly signal?: AbortSignal
}

export interface ReadAllOptions extends ReadOptions {
  /** Bytes that the stream may hold: with more, reading is given up and `STT_LIMIT` thrown. */
  readonly maxBytes: number
}

/** A stream with what only its session may do with it. */
export interface StreamHandle<S extends Stream = Stream> {
  readonly stream: S
  /** Takes what the session's driver reports of this stream. */
  readonly handle: (event: StreamEvent) => void
}

/** What another form of a stream is made from. */
export interface Halves {
  readonly isReadable: boolean
  readonly isWritable: boolean
  readonly reader: StreamReader
}

/**
 * An ordered stream of bytes to and from the peer; a one-way stream has only the half that its opener writes.
 * Reading it (`for await`) takes chunks as they arrive; not reading it holds the peer's `write` back.
 */
export class Stream implements AsyncIterable<Uint8Array<ArrayBuffer>> {
  static {
    showAs(Stream.prototype, stream => stream.#shown())
  }

  readonly #engine: StreamEngine
  readonly #session: StreamOwner
  readonly #writes: PendingWrites
  readonly #reader: StreamReader
  readonly #delivered: Deferred<void> = deferred()
  #webReadable: ReadableStream<Uint8Array<ArrayBuffer>> | undefined
  #webWritable: WritableStream<Uint8Array> | undefined

  protected constructor(engine: StreamEngine, session: StreamOwner) {
    this.#engine = engine
    this.#session = session
    this.#reader = new StreamReader(engine, session)
    this.#writes = new PendingWrites(engine, {
      onPending: pending => session.onPending(pending),
      onFailed: error => this.#delivered.reject(error),
    })
  }

  static create(engine: StreamEngine, session: StreamOwner): StreamHandle {
    return Stream.handleOf(new Stream(engine, session))
  }

  protected static handleOf<S extends Stream>(stream: S): StreamHandle<S> {
    return { stream, handle: event => stream.#handle(event) }
  }

  protected static halvesOf(stream: Stream): Halves {
    const { isReadable, isWritable } = stream.#engine
    return { isReadable, isWritable, reader: stream.#reader }
  }

  /** Gives up what is not over: the sending half unless it was ended, the receiving half unless it was read. */
  static giveUp(stream: Stream, code: number): void {
    if (stream.#engine.isWritable && !stream.#writes.isEnded) stream.reset(code)
    if (stream.#engine.isReadable) stream.stop(code)
  }

  /** The program has it in hand, whatever it does with it: once it is over, the peer may open another. spec: STT-STR-5 */
  static take(stream: Stream): void {
    stream.#engine.claim()
  }

  /** Whether the peer gave up a half of it, or it was taken down, as by the end of its session. */
  static isBroken(stream: Stream): boolean {
    const { error, resetCode, stopCode } = stream.#engine
    return error !== undefined || resetCode !== undefined || stopCode !== undefined
  }

  /** The same number at both ends, unique in its session: a label for people and logs. */
  get id(): number {
    return this.#engine.id
  }

  /** Whether it goes one way only, from its opener to the other end. */
  get unidirectional(): boolean {
    return this.#engine.unidirectional
  }

  /**
   * Writes `bytes` (a `Uint8Array`, any other view, or an `ArrayBuffer`) behind what was written before. Resolves when
   * flow control accepted them all. Until then they are not copied and must stay as they are; then the array is the
   * caller's again. Waiting for it is what keeps memory bounded.
   *
   * Rejects with `STT_STREAM_STOPPED` (the peer reads no further), `STT_INVALID_STATE` (after `end` or `reset`), with
   * why the session ended, with `STT_INVALID_ARGUMENT` for what is no bytes, or whose memory was taken away while it
   * waited, or, when `signal` aborts this write, with `STT_ABORTED`. The last two have `details.accepted`, the bytes
   * that went on their way before; what was written behind them follows those.
   */
  write(bytes: Uint8Array | ArrayBufferView | ArrayBufferLike, options?: WriteOptions): Promise<void> {
    return this.#write(bytes, false, options)
  }

  /**
   * Writes one message, whose boundaries `messages()` keeps at the other end: at most the peer's limit, 2 MiB by
   * default, above which it rejects with `STT_MESSAGE_TOO_LARGE`. Otherwise as `write`, but a message that fails when
   * a part of it is on its way resets the stream: nothing could follow it.
   */
  writeMessage(message: Uint8Array | ArrayBufferView | ArrayBufferLike, options?: WriteOptions): Promise<void> {
    return this.#write(message, true, options)
  }

  /**
   * Ends the sending half behind what was written (FIN): no write is taken any more. Resolves when all of that was
   * accepted; `delivered` says when the peer has it. A `signal` ends the waiting only.
   */
  async end(options?: WriteOptions): Promise<void> {
    const signal = signalOf(options, 'end')
    if (signal?.aborted) throw abortError(signal, 'end')
    await abortable(this.#writes.end(), signal, 'end')
  }

  /** Gives up the sending half: the peer's reading fails with `STT_STREAM_RESET` and `code`, from 0 to 2^53 - 1. */
  reset(code = 0): void {
    this.#engine.reset(code)
    const message = `this stream was reset with code ${code}`
    this.#writes.fail(new SttError('STT_STREAM_RESET', message, { details: { code } }))
  }

  /** Gives up the receiving half: the peer's writing fails with `STT_STREAM_STOPPED` and `code`, from 0 to 2^53 - 1. */
  stop(code = 0): void {
    this.#reader.stop(code)
  }

  /** Resolves when the peer has acknowledged everything up to FIN; rejects when that will not happen. */
  get delivered(): Promise<void> {
    if (!this.#engine.isWritable) this.#delivered.reject(onlyReceives('has nothing to deliver'))
    return this.#delivered.promise
  }

  /** The chunks that arrive, in order. Leaving the loop early tells the peer to stop. One reader at a time. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array<ArrayBuffer>, undefined> {
    return this.#reader.chunks()
  }

  /** The messages that the peer's `writeMessage` wrote, whole. */
  messages(): AsyncIterable<Uint8Array<ArrayBuffer>> {
    return { [Symbol.asyncIterator]: () => this.#reader.messages() }
  }

  /**
   * The next `length` bytes, whatever chunks they come in; what is behind them can be read by any other call.
   * Rejects with `STT_TRUNCATED` when the stream ends before.
   */
  async readExactly(length: number, options?: ReadOptions): Promise<Uint8Array<ArrayBuffer>> {
    return this.#reader.readExactly(length, signalOf(options, 'readExactly'))
  }

  /** Everything up to the end of the stream. Rejects with `STT_LIMIT`, and gives up reading, above `maxBytes`. */
  async readAll(options: ReadAllOptions): Promise<Uint8Array<ArrayBuffer>> {
    checkOptions(options, 'readAll', ['maxBytes', 'signal'])
    const { maxBytes, signal } = options ?? {}
    checkSignal(signal, 'readAll')
    return this.#reader.readAll(maxBytes, signal)
  }

  /**
   * The receiving half as a Web Stream of bytes. It is a reader: there is no other beside it. Where a one-way stream has
   * no such half, whoever reads it fails with `STT_INVALID_STATE`.
   */
  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    const { missing } = this.#reader
    return (this.#webReadable ??= missing ? new ReadableStream(failing(missing)) : readableOf(this.#reader))
  }

  /** The sending half as a Web Stream; aborting it resets the stream. Of a half that is not there as `readable`. */
  get writable(): WritableStream<Uint8Array> {
    return (this.#webWritable ??= this.#engine.isWritable
      ? writableOf(this, () => this.#writes.bytes > 0, this.#session.clock)
      : new WritableStream(failing(onlyReceives('cannot be written'))))
  }

  /** Sizes in bytes. What waits for flow control to accept it is in `sendBuffered`, as is what waits for the peer's word. */
  getStatistics(): StreamStatistics {
    const statistics = this.#engine.getStatistics()
    return Object.freeze({ ...statistics, sendBuffered: statistics.sendBuffered + this.#writes.bytes })
  }

  /** Gives up what is not over: resets the sending half unless it was ended, stops the receiving half unless it was read. */
  async [Symbol.asyncDispose](): Promise<void> {
    Stream.giveUp(this, 0)
  }

  /** What `console.log` shows: sizes, and none of the bytes. */
  #shown(): string {
    const { bytesWritten, bytesRead, sendBuffered, receiveBuffered } = this.getStatistics()
    const { isWritable, isReadable, error } = this.#engine
    const halves = [isWritable && !this.#writes.isEnded && 'writable', isReadable && 'readable'].filter(Boolean)
    return oneLine('Stream', {
      id: this.id,
      state: (!error && halves.join(' ')) || 'over',
      bytesWritten,
      sendBuffered,
      bytesRead,
      receiveBuffered,
      error: error && 'code' in error ? String(error.code) : undefined,
    })
  }

  #handle(event: StreamEvent): void {
    switch (event.type) {
      case 'readable':
      case 'reset':
        return this.#reader.wake()
      case 'writable':
        return this.#writes.flush()
      case 'delivered':
        return this.#delivered.resolve()
      case 'stopped': {
        const message = `the peer stopped reading this stream with code ${event.code}`
        return this.#writes.fail(new SttError('STT_STREAM_STOPPED', message, { details: { code: event.code ?? 0 } }))
      }
      case 'finished':
        if (this.#engine.error) this.#writes.fail(this.#engine.error)
        return this.#reader.wake()
      default:
        return
    }
  }

  async #write(value: unknown, message: boolean, options: WriteOptions | undefined): Promise<void> {
    const what = message ? 'writeMessage' : 'write'
    const signal = options && signalOf(options, what)
    if (signal?.aborted) throw abortError(signal, 'this write')
    const bytes = bytesOf(value, message ? 'the message' : 'what is written')
    const written = this.#writes.push(bytes, message, signal)
    if (written) await written
  }
}

const onlyReceives = (consequence: string): SttError =>
  new SttError('STT_INVALID_STATE', `this stream is one-way, from the peer to here: it ${consequence}`)

function signalOf(options: WriteOptions | undefined, what: string): AbortSignal | undefined {
  if (options === undefined) return undefined
  checkOptions(options, what, ['signal'])
  checkSignal(options.signal, what)
  return options.signal
}
