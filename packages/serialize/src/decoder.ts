import { bytesOf, isSttError, SttError } from '@stt/errors'
import { checkDecodeOptions, type Decoded, type DecodeOptions } from './decode.ts'
import { type DecodeRule, decodeRefusal } from './decode-refusal.ts'
import { Extent } from './extent.ts'
import type { InputOptions } from './input.ts'
import { resolveStreamLimits } from './limits.ts'
import { Reader } from './reader.ts'
import type { TypedValue } from './value.ts'

/**
 * Decodes consecutive values from chunks of any size; where the bytes are cut makes no difference. It holds one unfinished
 * value at most, in memory that grows as its bytes come, to twice `limits.bytes` at most.
 */
export class Decoder<const Options extends DecodeOptions = Record<never, never>> {
  readonly #options: InputOptions
  readonly #extent: Extent
  readonly #reader = new Reader()
  /** The bytes of a value that is spread over several chunks. */
  #pending = nothing
  #pendingLength = 0
  /** Bytes of the values that were returned. */
  #consumed = 0
  #failure: { readonly error: unknown } | undefined
  #ended = false

  /** @param options as for `decode`; `limits.bytes` bounds each value, default 2 MiB */
  constructor(options?: Options) {
    checkDecodeOptions(options, 'a decoder')
    const { typed = false, canonical = false, copy = false, limits } = options ?? {}
    this.#options = { typed, canonical, copy, limits: resolveStreamLimits(limits) }
    this.#extent = new Extent(this.#options.limits)
  }

  /** Bytes of the unfinished value so far. */
  get bufferedBytes(): number {
    return this.#pendingLength
  }

  /**
   * Decodes the values that end in `chunk`, in order. Without `copy: true` their byte arrays may be views of `chunk`, which must
   * then not change.
   *
   * @throws SttError `STT_DECODE` as `decode`, with `details.offset` counted from the first byte of the first chunk. Values
   *   before the fault are returned first: the next call then throws.
   */
  push(chunk: Uint8Array): Decoded<Options>[]
  push(given: Uint8Array): TypedValue[] {
    const chunk = bytesOf(given, 'the chunk')
    if (this.#ended) throw new SttError('STT_INVALID_STATE', 'the decoder was ended; make another for further bytes')
    if (this.#failure) throw this.#failure.error
    const values: TypedValue[] = []
    try {
      this.#decode(chunk, values)
    } catch (error) {
      this.#fail(error)
      if (values.length === 0) throw this.#failure!.error
    }
    return values
  }

  /**
   * Ends the input.
   *
   * @throws SttError `STT_DECODE` when they end inside a value
   */
  end(): void {
    if (this.#failure) throw this.#failure.error
    this.#ended = true
    if (this.#pendingLength === 0) return
    try {
      // The reader refuses the unfinished value, and says where it breaks off.
      this.#read(this.#pending, 0, this.#pendingLength)
    } catch (error) {
      this.#fail(error)
      throw this.#failure!.error
    }
  }

  // spec: STT-SER-22
  #decode(chunk: Uint8Array, values: TypedValue[]): void {
    let offset = this.#pendingLength > 0 ? this.#resume(chunk, values) : 0
    while (offset < chunk.length && this.#extent.scan(chunk, offset, chunk.length)) {
      const end = offset + this.#extent.length
      values.push(this.#read(chunk, offset, end))
      offset = end
    }
    if (offset < chunk.length) this.#keep(chunk.subarray(offset))
  }

  /** Adds the bytes of `chunk` that the unfinished value needs. @returns the offset after them */
  #resume(chunk: Uint8Array, values: TypedValue[]): number {
    for (let offset = 0; offset < chunk.length; ) {
      const before = this.#pendingLength
      // A step, so that a large chunk is not copied for the sake of a value that ends early in it.
      const missing = Math.max(STEP, this.#extent.length - before)
      this.#keep(chunk.subarray(offset, offset + missing))
      if (this.#extent.scan(this.#pending, 0, this.#pendingLength)) {
        const { length } = this.#extent
        values.push(this.#read(this.#pending, 0, length))
        this.#pendingLength = 0
        // Returned values may hold views of it.
        if (!this.#options.copy) this.#pending = nothing
        return offset + length - before
      }
      offset += this.#pendingLength - before
    }
    return chunk.length
  }

  #keep(bytes: Uint8Array): void {
    const length = this.#pendingLength + bytes.length
    if (length > this.#pending.length) {
      const grown = new Uint8Array(
        Math.max(STEP, length, Math.min(2 * this.#pending.length, this.#options.limits.bytes)),
      )
      grown.set(this.#pending.subarray(0, this.#pendingLength))
      this.#pending = grown
    }
    this.#pending.set(bytes, this.#pendingLength)
    this.#pendingLength = length
  }

  #fail(error: unknown): void {
    this.#failure = { error: moveRefusal(error, this.#consumed) }
    this.#pending = nothing
    this.#pendingLength = 0
  }

  #read(bytes: Uint8Array, start: number, end: number): TypedValue {
    try {
      const value = this.#reader.readFrom(bytes, start, end, this.#options)
      this.#consumed += end - start
      this.#extent.reset()
      return value
    } catch (error) {
      throw moveRefusal(error, -start)
    }
  }
}

/** The same refusal with its offset counted from another place. */
function moveRefusal(error: unknown, distance: number): unknown {
  if (!isSttError(error, 'STT_DECODE')) return error
  const { offset, rule } = error.details
  return decodeRefusal((offset as number) + distance, rule as DecodeRule)
}

const nothing = new Uint8Array(0)
/** Bytes that a value in several chunks grows by at least. */
const STEP = 1024
