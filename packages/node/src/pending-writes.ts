import { abortError, SttError } from '@stt/errors'
import type { Stream as StreamEngine } from '@stt/stream'
import { type Deferred, deferred } from './deferred.ts'

interface Write {
  readonly bytes: Uint8Array
  readonly message: boolean
  accepted: number
}

interface PendingWrite extends Write {
  readonly done: Deferred<void>
}

/** Writes in their order, each waiting until flow control has accepted it whole. */
export class PendingWrites {
  readonly #engine: StreamEngine
  readonly #queue: PendingWrite[] = []
  #failure: Error | undefined
  #idle: Deferred<void> | undefined

  constructor(engine: StreamEngine) {
    this.#engine = engine
  }

  /** @returns what settles when all of `bytes` was accepted, at once where nothing stands in the way */
  push(bytes: Uint8Array, message: boolean, signal: AbortSignal | undefined): Promise<void> | undefined {
    if (this.#failure) throw this.#failure
    const first: Write = { bytes, message, accepted: 0 }
    if (this.#queue.length === 0 && this.#accept(first)) return undefined
    const write: PendingWrite = { ...first, done: deferred() }
    this.#queue.push(write)
    if (!signal) return write.done.promise
    const abort = (): void => this.#abort(write, signal)
    signal.addEventListener('abort', abort, { once: true })
    return write.done.promise.finally(() => signal.removeEventListener('abort', abort))
  }

  /** Resolves when nothing waits; rejects when what waits has failed. */
  async idle(): Promise<void> {
    if (this.#failure) throw this.#failure
    if (this.#queue.length === 0) return
    this.#idle ??= deferred()
    await this.#idle.promise
  }

  /** Credit came: goes on writing. */
  flush(): void {
    try {
      while (this.#queue.length > 0 && this.#accept(this.#queue[0]!)) this.#queue.shift()!.done.resolve()
    } catch (error) {
      this.fail(error as Error)
    }
    this.#settleIdle()
  }

  fail(error: Error): void {
    this.#failure ??= error
    for (const write of this.#queue.splice(0)) write.done.reject(this.#failure)
    this.#settleIdle()
  }

  /** @returns whether the write is accepted whole */
  #accept(write: Write): boolean {
    if (write.message) return this.#engine.writeMessage(write.bytes)
    if (write.accepted < write.bytes.length) write.accepted += this.#engine.write(write.bytes.subarray(write.accepted))
    else if (write.bytes.length === 0) this.#engine.write(write.bytes)
    return write.accepted === write.bytes.length
  }

  #abort(write: PendingWrite, signal: AbortSignal): void {
    const at = this.#queue.indexOf(write)
    if (at < 0) return
    const error = abortError(signal, 'this write')
    const { accepted } = write
    write.done.reject(new SttError(error.code, error.message, { cause: error.cause, details: { accepted } }))
    // A message of which a part is on its way cannot be taken back without breaking the next: the stream ends with it.
    if (write.message && at === 0) {
      this.#engine.reset(0)
      return this.fail(error)
    }
    this.#queue.splice(at, 1)
    this.flush()
  }

  #settleIdle(): void {
    if (this.#queue.length > 0 || !this.#idle) return
    if (this.#failure) this.#idle.reject(this.#failure)
    else this.#idle.resolve()
    this.#idle = undefined
  }
}
