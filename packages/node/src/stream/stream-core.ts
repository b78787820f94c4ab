import { abortable, abortError, bytesOf, checkOptions, checkSignal, SttError } from '@stt/errors'
import type { StreamEngine, StreamEvent, StreamStatistics } from '@stt/stream'
import type { ReadAllOptions, ReadOptions, Stream, WriteOptions } from '../api/stream.ts'
import { oneLine, showAs } from '../observe/inspect.ts'
import { type Deferred, deferred } from '../queues/deferred.ts'
import { PendingWrites } from './pending-writes.ts'
import type { StreamOwner } from './stream-owner.ts'
import { StreamReader } from './stream-reader.ts'
import { failing, readableOf, writableOf } from './web-streams.ts'

/** A stream with what only its session may do with it. */
export interface StreamHandle<S extends StreamCore = StreamCore> {
  readonly stream: S
  /** Takes what the session's driver reports of this stream. */
  readonly handle: (event: StreamEvent) => void
}

/** The halves of a stream, for another form of it. */
export interface Halves {
  readonly isReadable: boolean
  readonly isWritable: boolean
  readonly reader: StreamReader
}

/** A stream as its session has it: the engine's stream, its queue of writes, and its reader. */
export class StreamCore implements Stream {
  static {
    showAs(StreamCore.prototype, stream => stream.#shown())
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
    return StreamCore.handleOf(new StreamCore(engine, session))
  }

  protected static handleOf<S extends StreamCore>(stream: S): StreamHandle<S> {
    return { stream, handle: event => stream.#handle(event) }
  }

  protected static halvesOf(stream: StreamCore): Halves {
    const { isReadable, isWritable } = stream.#engine
    return { isReadable, isWritable, reader: stream.#reader }
  }

  /** Gives up what is not over: the sending half unless it was ended, the receiving half unless it was read. */
  static giveUp(stream: StreamCore, code: number): void {
    if (stream.#engine.isWritable && !stream.#writes.isEnded) stream.reset(code)
    if (stream.#engine.isReadable) stream.stop(code)
  }

  /** The program has it in hand, whatever it does with it: once it is over, the peer may open another. spec: STT-STR-5 */
  static take(stream: StreamCore): void {
    stream.#engine.claim()
  }

  /** Whether the peer gave up a half of it, or it was taken down, as by the end of its session. */
  static isBroken(stream: StreamCore): boolean {
    const { error, resetCode, stopCode } = stream.#engine
    return error !== undefined || resetCode !== undefined || stopCode !== undefined
  }

  get id(): number {
    return this.#engine.id
  }

  get unidirectional(): boolean {
    return this.#engine.unidirectional
  }

  write(bytes: Uint8Array | ArrayBufferView | ArrayBufferLike, options?: WriteOptions): Promise<void> {
    return this.#write(bytes, false, options)
  }

  writeMessage(message: Uint8Array | ArrayBufferView | ArrayBufferLike, options?: WriteOptions): Promise<void> {
    return this.#write(message, true, options)
  }

  async end(options?: WriteOptions): Promise<void> {
    const signal = signalOf(options, 'end')
    if (signal?.aborted) throw abortError(signal, 'end')
    await abortable(this.#writes.end(), signal, 'end')
  }

  reset(code = 0): void {
    this.#engine.reset(code)
    const message = `this stream was reset with code ${code}`
    this.#writes.fail(new SttError('STT_STREAM_RESET', message, { details: { code } }))
  }

  stop(code = 0): void {
    this.#reader.stop(code)
  }

  get delivered(): Promise<void> {
    if (!this.#engine.isWritable) this.#delivered.reject(onlyReceives('has nothing to deliver'))
    return this.#delivered.promise
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array<ArrayBuffer>, undefined> {
    return this.#reader.chunks()
  }

  messages(): AsyncIterable<Uint8Array<ArrayBuffer>> {
    return { [Symbol.asyncIterator]: () => this.#reader.messages() }
  }

  async readExactly(length: number, options?: ReadOptions): Promise<Uint8Array<ArrayBuffer>> {
    return this.#reader.readExactly(length, signalOf(options, 'readExactly'))
  }

  async readAll(options: ReadAllOptions): Promise<Uint8Array<ArrayBuffer>> {
    checkOptions(options, 'readAll', ['maxBytes', 'signal'])
    const { maxBytes, signal } = options ?? {}
    checkSignal(signal, 'readAll')
    return this.#reader.readAll(maxBytes, signal)
  }

  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    const { missing } = this.#reader
    return (this.#webReadable ??= missing ? new ReadableStream(failing(missing)) : readableOf(this.#reader))
  }

  get writable(): WritableStream<Uint8Array> {
    return (this.#webWritable ??= this.#engine.isWritable
      ? writableOf(this, () => this.#writes.bytes > 0, this.#session.clock)
      : new WritableStream(failing(onlyReceives('cannot be written'))))
  }

  getStatistics(): StreamStatistics {
    const statistics = this.#engine.getStatistics()
    return Object.freeze({ ...statistics, sendBuffered: statistics.sendBuffered + this.#writes.bytes })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    StreamCore.giveUp(this, 0)
  }

  /** The text for `console.log`: sizes, but none of the bytes. */
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
