import { abortError, checkInteger, onAbort, SttError } from '@stt/errors'
import { ProtocolError } from '@stt/frame'
import type { StreamEngine } from '@stt/stream'
import type { StreamOwner } from './stream-owner.ts'

type Next = IteratorResult<Uint8Array<ArrayBuffer>, undefined>

/** Called when the stream can be read no further: with the error, or without one at its end. */
export type OnOver = (failure: unknown) => void

/** The receiving half of a stream as its one reader takes it. */
export class StreamReader {
  readonly #engine: StreamEngine
  readonly #owner: StreamOwner
  /** The promise that a reader waits for when no data are there, and its resolver. */
  #woken: Promise<void> | undefined
  #wake: (() => void) | undefined
  #reader: object | undefined
  #onOver: OnOver | undefined

  constructor(engine: StreamEngine, owner: StreamOwner) {
    this.#engine = engine
    this.#owner = owner
  }

  /** Something to read came, or it became clear that nothing will. */
  wake(): void {
    this.#wake?.()
    this.#woken = this.#wake = undefined
    this.#tellOver()
  }

  /** Calls `onOver` once, when nothing is left to read and nothing can come: even without a reader. */
  whenOver(onOver: OnOver): void {
    this.#onOver = onOver
    this.#tellOver()
  }

  /** Why nothing can be read, of a one-way stream that only this side writes. */
  get missing(): SttError | undefined {
    if (this.#engine.isReadable) return undefined
    return new SttError('STT_INVALID_STATE', 'this stream is one-way, from here to the peer: it has nothing to read')
  }

  /** Why there is no more, where this side has stopped reading: what was read is not the whole stream. */
  get cut(): SttError | undefined {
    if (!this.#engine.isStopped) return undefined
    return new SttError('STT_TRUNCATED', 'this side stopped reading before the stream ended: what was read is not all')
  }

  stop(code: number): void {
    this.#engine.stop(code)
    this.wake()
  }

  chunks(): AsyncIterableIterator<Uint8Array<ArrayBuffer>, undefined> {
    return this.#iterate(() => this.#engine.read())
  }

  messages(): AsyncIterableIterator<Uint8Array<ArrayBuffer>, undefined> {
    return this.#iterate(() => this.#engine.readMessage())
  }

  async readExactly(length: number, signal: AbortSignal | undefined): Promise<Uint8Array<ArrayBuffer>> {
    checkInteger(length, 'the number of bytes to read', 0, MAX_LENGTH)
    let bytes = new Uint8Array(Math.min(length, FIRST_BLOCK))
    let filled = 0
    const fill = (): Uint8Array<ArrayBuffer> | undefined => {
      for (;;) {
        const count = this.#engine.readInto(bytes.subarray(filled))
        filled += count
        if (filled === length) return bytes
        if (filled < bytes.length) return undefined
        // Grows with what arrives, not with what was asked for: the number may be the peer's.
        const grown = new Uint8Array(Math.min(length, 2 * bytes.length))
        grown.set(bytes)
        bytes = grown
      }
    }
    return this.#alone(signal, 'readExactly', async () => {
      const { done, value } = await this.#next(fill)
      if (!done) return value
      throw new SttError('STT_TRUNCATED', `the stream ended after ${filled} of ${length} bytes`, {
        details: { read: filled, wanted: length },
      })
    })
  }

  async readAll(maxBytes: number, signal: AbortSignal | undefined): Promise<Uint8Array<ArrayBuffer>> {
    checkInteger(maxBytes, 'maxBytes', 0, MAX_LENGTH)
    const chunks: Uint8Array<ArrayBuffer>[] = []
    let length = 0
    return this.#alone(signal, 'readAll', async () => {
      for (;;) {
        const { done, value } = await this.#next(() => this.#engine.read())
        if (done) break
        length += value.length
        if (length > maxBytes) {
          this.stop(0)
          const message = `the stream holds more than the ${maxBytes} bytes that readAll may take: raise maxBytes, or read it chunk by chunk`
          throw new SttError('STT_LIMIT', message, { details: { maxBytes } })
        }
        chunks.push(value)
      }
      const { cut } = this
      if (cut) throw cut
      return joined(chunks, length)
    })
  }

  /** Runs a call that reads. What it took is lost when it is aborted: reading is given up then. */
  async #alone<T>(signal: AbortSignal | undefined, what: string, read: () => Promise<T>): Promise<T> {
    if (signal?.aborted) throw abortError(signal, what)
    const reader = this.#begin()
    let aborted: SttError | undefined
    const leave =
      signal &&
      onAbort(signal, () => {
        aborted = abortError(signal, what)
        this.stop(0)
      })
    try {
      const result = await read()
      if (aborted) throw aborted
      return result
    } catch (error) {
      throw aborted ?? error
    } finally {
      leave?.()
      this.#end(reader)
    }
  }

  #begin(): object {
    if (this.#reader) throw new SttError('STT_INVALID_STATE', TWICE)
    const { missing } = this
    if (missing) throw missing
    this.#reader = {}
    return this.#reader
  }

  #end(reader: object): void {
    if (this.#reader === reader) this.#reader = undefined
  }

  #iterate(take: () => Uint8Array<ArrayBuffer> | undefined): AsyncIterableIterator<Uint8Array<ArrayBuffer>, undefined> {
    const reader = this.#begin()
    const iterator: AsyncIterableIterator<Uint8Array<ArrayBuffer>, undefined> = {
      next: async () => {
        if (this.#reader !== reader) return END
        try {
          const value = this.#take(take)
          if (value) return { done: false, value }
          const next = await this.#next(take)
          if (next.done) this.#end(reader)
          return next
        } catch (error) {
          this.#end(reader)
          throw error
        }
      },
      return: async () => {
        if (this.#reader === reader) {
          this.#end(reader)
          if (!this.#isOver) this.stop(0)
        }
        return END
      },
      [Symbol.asyncIterator]: () => iterator,
    }
    return iterator
  }

  get #isOver(): boolean {
    const { readableEnded, resetCode, error } = this.#engine
    return readableEnded || resetCode !== undefined || error !== undefined
  }

  async #next(take: () => Uint8Array<ArrayBuffer> | undefined): Promise<Next> {
    for (;;) {
      const value = this.#take(take)
      if (value) return { done: false, value }
      if (this.#isDone()) return END
      this.#woken ??= new Promise(resolve => {
        this.#wake = resolve
      })
      await this.#woken
    }
  }

  #take(take: () => Uint8Array<ArrayBuffer> | undefined): Uint8Array<ArrayBuffer> | undefined {
    try {
      return take()
    } catch (error) {
      if (error instanceof ProtocolError) this.#owner.violation(error)
      throw error
    }
  }

  /** Whether nothing more can be read, when nothing is there. @throws why, if that is not how the stream was to end */
  #isDone(): boolean {
    if (this.#engine.readableEnded) return true
    const { resetCode, error } = this.#engine
    if (resetCode !== undefined) {
      const message = `the peer reset this stream with code ${resetCode}: what was read before is all there is`
      throw new SttError('STT_STREAM_RESET', message, { details: { code: resetCode } })
    }
    if (error) throw error
    // The code that stopped it knows that it is incomplete.
    return this.#engine.isStopped
  }

  #tellOver(): void {
    const onOver = this.#onOver
    if (!onOver || this.#engine.bufferedBytes > 0) return
    let failure: unknown
    try {
      if (!this.#isDone()) return
    } catch (error) {
      failure = error
    }
    this.#onOver = undefined
    onOver(failure)
  }
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

/** Two handlers are how that happens without being seen. */
const TWICE = 'this stream is being read already: read it in one place (every onStream handler gets every stream)'
const END: { readonly done: true; readonly value: undefined } = { done: true, value: undefined }
const FIRST_BLOCK = 65_536
/** Bytes: what every platform can hold in one array. */
const MAX_LENGTH = 2 ** 31 - 1
