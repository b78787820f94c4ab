import { abortable, abortError, bytesOf } from '@stt/errors'
import { Call } from '../calls.ts'

/**
 * The bytes or the source that a caller stores. However the call ends, an unfinished source's iterator is returned or its
 * stream destroyed: a refused store leaves no file and no socket open.
 */
export class Source {
  /** The whole, where it was given as bytes. */
  readonly bytes: Uint8Array | undefined
  readonly #given: Closeable | undefined
  #iterator: AsyncIterator<unknown> | undefined
  #isReading = false
  #hasEnded = false

  /** @throws STT_INVALID_ARGUMENT for anything but bytes or an async iterable */
  constructor(given: unknown) {
    if (isAsyncIterable(given)) this.#given = given
    else this.bytes = bytesOf(given, 'what is stored, unless it is an async iterable of bytes,')
  }

  /** The pieces. The source's errors pass through unchanged. */
  async *read(call: Call, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array, void, undefined> {
    if (!this.#given) {
      yield this.bytes!
      return
    }
    const given = this.#given
    this.#isReading = true
    Call.beginReading()
    this.#iterator = call.run(() => given[Symbol.asyncIterator]())
    const iterator = this.#iterator
    for (;;) {
      if (signal?.aborted) throw abortError(signal, 'the store')
      const { done, value } = await abortable(
        // An iterator may answer without a promise, or throw instead of rejecting.
        call.run(async () => iterator.next()),
        signal,
        'the store',
      ).catch(error => {
        this.#hasEnded = !signal?.aborted
        throw error
      })
      if (done) {
        this.#hasEnded = true
        return
      }
      yield bytesOf(value, 'a piece of the source')
    }
  }

  /** Closes an unfinished source, without waiting for it: that may take as long as the source likes. */
  close(): void {
    if (this.#isReading) Call.endReading()
    this.#isReading = false
    if (this.#hasEnded || !this.#given) return
    this.#hasEnded = true
    const given = this.#given
    // An iterator of a Node stream that was never begun does not close it; destroying the stream does.
    const end = async (): Promise<void> => {
      if (typeof given.destroy === 'function') given.destroy()
      else await (this.#iterator ?? given[Symbol.asyncIterator]()).return?.()
    }
    // The caller learns why the store failed; a failed close of the source adds nothing to that.
    end().catch(() => {})
  }
}

interface Closeable extends AsyncIterable<unknown> {
  /** A Node stream's method. */
  readonly destroy?: () => unknown
}

function isAsyncIterable(given: unknown): given is Closeable {
  return typeof given === 'object' && given !== null && Symbol.asyncIterator in given
}
