import { abortError, onAbort, SttError } from '@stt/errors'
import { Queue, QueueNode, type StreamEngine } from '@stt/stream'
import { type Deferred, deferred } from '../queues/deferred.ts'

interface PendingWrite {
  /** A view of its own with a fixed length: what is shorter later lies in memory that was taken away. */
  readonly bytes: Uint8Array
  readonly length: number
  readonly message: boolean
  readonly done: Deferred<void>
  accepted: number
  /** Of a message: the engine has begun it, and nothing but the rest of it can follow. */
  begun: boolean
}

/** Who has to know of writes that wait. */
export interface WritesOwner {
  /** Whether a write, or the end behind it, waits from now on. */
  onPending(pending: boolean): void
  /** No more bytes can be written, and those written may not arrive. */
  onFailed(error: Error): void
}

/** Writes in their order, each waiting until flow control has accepted it whole, and the end behind them. */
export class PendingWrites {
  readonly #engine: StreamEngine
  readonly #owner: WritesOwner
  readonly #queue: Queue<PendingWrite> = new Queue()
  #bytes = 0
  #isPending = false
  #failure: Error | undefined
  #end: Deferred<void> | undefined

  constructor(engine: StreamEngine, owner: WritesOwner) {
    this.#engine = engine
    this.#owner = owner
  }

  /** Bytes that wait for flow control to accept them. */
  get bytes(): number {
    return this.#bytes
  }

  /** Whether `end` was called: nothing can follow. */
  get isEnded(): boolean {
    return this.#end !== undefined
  }

  /** @returns what settles when all of `bytes` was accepted, at once where nothing stands in the way */
  push(bytes: Uint8Array, message: boolean, signal: AbortSignal | undefined): Promise<void> | undefined {
    if (this.#failure) throw this.#failure
    if (this.#end) throw new SttError('STT_INVALID_STATE', 'this stream was ended: open another one to write')
    const { length } = bytes
    let accepted = 0
    const begun = this.#queue.isEmpty
    if (begun) {
      if (!message) accepted = this.#engine.write(bytes)
      else if (this.#engine.writeMessage(bytes)) return undefined
      if (!message && accepted === length) return undefined
    }
    const write = { bytes: bytes.subarray(0, length), length, message, accepted, begun, done: deferred<void>() }
    return this.#wait(write, signal)
  }

  /** Ends the sending half behind what waits. Resolves when that is done; rejects when what waits has failed. */
  end(): Promise<void> {
    if (this.#end) return this.#end.promise
    if (this.#failure) return Promise.reject(this.#failure)
    const done = deferred<void>()
    if (this.#queue.isEmpty) this.#finish(done)
    this.#end = done
    return done.promise
  }

  /** Credit came: goes on writing. */
  flush(): void {
    for (let write = this.#queue.first; write; write = this.#queue.first) {
      const failure = this.#advance(write)
      if (failure === WAITS) return
      this.#queue.shift()
      this.#bytes -= write.length - write.accepted
      if (!failure) write.done.resolve()
      else if (this.#fails(write, failure)) return
    }
    this.#emptied()
  }

  fail(error: Error): void {
    this.#failure ??= error
    for (let write = this.#queue.shift(); write; write = this.#queue.shift()) write.done.reject(this.#failure)
    this.#bytes = 0
    this.#end?.reject(this.#failure)
    this.#owner.onFailed(this.#failure)
    this.#setPending(false)
  }

  #wait(write: PendingWrite, signal: AbortSignal | undefined): Promise<void> {
    const place = new QueueNode(write)
    this.#queue.push(place)
    this.#setPending(true)
    this.#bytes += write.length - write.accepted
    if (!signal) return write.done.promise
    const leave = onAbort(signal, () => this.#abort(place, signal))
    return write.done.promise.finally(leave)
  }

  /** @returns why it cannot go on, `WAITS` when credit has to come first, `undefined` when it was accepted whole */
  #advance(write: PendingWrite): Error | typeof WAITS | undefined {
    const { bytes, length, accepted } = write
    if (bytes.length !== length) return takenAway(accepted)
    write.begun = true
    try {
      if (write.message) return this.#engine.writeMessage(bytes) ? undefined : WAITS
      const more = this.#engine.write(accepted === 0 ? bytes : bytes.subarray(accepted))
      write.accepted += more
      this.#bytes -= more
      return write.accepted === length ? undefined : WAITS
    } catch (error) {
      return error as Error
    }
  }

  /** A write that was taken out of the queue has failed. @returns whether the stream failed with it */
  #fails(write: PendingWrite, error: Error): boolean {
    write.done.reject(error)
    // A message of which a part is on its way cannot be taken back without breaking the next: the stream ends with it.
    const lost = this.#engine.writableEnded || this.#engine.error !== undefined
    const halfWritten = write.message && write.begun && !isTooLarge(error)
    if (!lost && !halfWritten) return false
    if (!lost) this.#engine.reset(0)
    this.fail(error)
    return true
  }

  #abort(place: QueueNode<PendingWrite>, signal: AbortSignal): void {
    const write = place.owner
    if (place.queue === undefined) return
    const error = abortError(signal, 'this write')
    const { accepted } = write
    this.#queue.remove(place)
    this.#bytes -= write.length - accepted
    const failed = new SttError(error.code, error.message, { cause: error.cause, details: { accepted } })
    if (!this.#fails(write, failed)) this.flush()
  }

  #emptied(): void {
    if (!this.#isPending) return
    if (this.#end) this.#finish(this.#end)
    this.#setPending(false)
  }

  #finish(end: Deferred<void>): void {
    try {
      this.#engine.end()
      end.resolve()
    } catch (error) {
      end.reject(error)
    }
  }

  #setPending(pending: boolean): void {
    if (pending === this.#isPending) return
    this.#isPending = pending
    this.#owner.onPending(pending)
  }
}

const WAITS = 'waits'

function takenAway(accepted: number): SttError {
  const message =
    'the bytes of this write were transferred away, or their buffer shrank, before all were accepted: leave them alone until write resolves, or pass a copy'
  return new SttError('STT_INVALID_ARGUMENT', message, { details: { accepted } })
}

/** Such a message was refused before anything of it was written. */
function isTooLarge(error: Error): boolean {
  return error instanceof SttError && error.code === 'STT_MESSAGE_TOO_LARGE'
}
