import { abortable, abortError, bytesOf } from '@stt/errors'
import { Call } from '../calls.ts'

/**
 * What a caller gave to be stored. Whatever becomes of the call, its iterator is returned, or its stream destroyed, when it
 * did not come to its end: a refused store leaves no file and no socket open.
 */
export class Source {
  /** All of it, where it was given as bytes. */
  readonly bytes: Uint8Array | undefined
  readonly #given: Closeable | undefined
  #iterator: AsyncIterator<unknown> | undefined
  #isReading = false
  #hasEnded = false

  /** @throws STT_INVALID_ARGUMENT for what is neither bytes nor an async iterable */
  constructor(given: unknown) {
    if (isAsyncIterable(given)) this.#given = given
    else this.bytes = bytesOf(given, 'what is stored, unless it is an async iterable of bytes,')
  }

  /** The pieces. What the source throws comes out as it is. */
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
        // A source may give its pieces without a promise around them, or throw in place of a rejection.
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

  /** Lets go of a source that did not come to its end. Nobody waits for that: it may take as long as the source likes. */
  close(): void {
    if (this.#isReading) Call.endReading()
    this.#isReading = false
    if (this.#hasEnded || !this.#given) return
    this.#hasEnded = true
    const given = this.#given
    // An iterator of a stream of Node that was never begun does not close it; the stream itself does.
    const end = async (): Promise<void> => {
      if (typeof given.destroy === 'function') given.destroy()
      else await (this.#iterator ?? given[Symbol.asyncIterator]()).return?.()
    }
    // The caller hears why the store failed; that the source could not be closed either adds nothing to it.
    end().catch(() => {})
  }
}

interface Closeable extends AsyncIterable<unknown> {
  /** Of a stream of Node. */
  readonly destroy?: () => unknown
}

function isAsyncIterable(given: unknown): given is Closeable {
  return typeof given === 'object' && given !== null && Symbol.asyncIterator in given
}
