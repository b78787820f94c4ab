import { bytesOf, SttError } from '@stt/errors'
import { readSegmentHeader, SEGMENT_HEADER_LENGTH, SEGMENT_OVERHEAD, STREAM_HEADER_LENGTH } from './segment-layout.ts'

/** Finds the pieces of a sealed stream in portions of any size. Holds one piece at most. */
export class PieceSplitter {
  #buffer: Uint8Array<ArrayBuffer> = new Uint8Array(STREAM_HEADER_LENGTH)
  #length = 0
  #isHeader = true

  /** @throws SttError `STT_TRUNCATED` when the bytes ended inside a piece */
  end(): void {
    if (this.#length > 0 || this.#isHeader)
      throw new SttError('STT_TRUNCATED', 'the sealed stream ends inside its header or a segment')
  }

  /**
   * The pieces that `bytes` complete, each valid until the next is asked for.
   *
   * @throws SttError `STT_AUTHENTICATION` when the bytes that follow are no segment
   */
  *push(bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
    let rest = bytesOf(bytes, 'a sealed stream')
    while (rest.length > 0) {
      const whole = this.#length === 0 ? this.#pieceLength(rest) : undefined
      if (whole !== undefined && whole <= rest.length) {
        this.#isHeader = false
        yield rest.subarray(0, whole)
        rest = rest.subarray(whole)
        continue
      }
      // First the header of a segment: it says how long the rest is.
      const wanted = this.#pieceLength(this.#pending) ?? SEGMENT_HEADER_LENGTH
      const count = Math.min(wanted - this.#length, rest.length)
      this.#append(rest.subarray(0, count), wanted)
      rest = rest.subarray(count)
      if (this.#length < wanted || this.#pieceLength(this.#pending) !== wanted) continue
      const piece = this.#pending
      this.#length = 0
      this.#isHeader = false
      yield piece
    }
  }

  get #pending(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(0, this.#length)
  }

  /** Length of the piece that begins with `bytes`; `undefined` when there are too few bytes to know. */
  #pieceLength(bytes: Uint8Array): number | undefined {
    if (this.#isHeader) return STREAM_HEADER_LENGTH
    if (bytes.length < SEGMENT_HEADER_LENGTH) return undefined
    const header = readSegmentHeader(bytes)
    if (header === undefined)
      throw new SttError(
        'STT_AUTHENTICATION',
        'the bytes are no segment: they were changed or belong to another stream',
      )
    return header.length + SEGMENT_OVERHEAD
  }

  #append(bytes: Uint8Array, wanted: number): void {
    if (this.#buffer.length < wanted) {
      const grown = new Uint8Array(wanted)
      grown.set(this.#pending)
      this.#buffer = grown
    }
    this.#buffer.set(bytes, this.#length)
    this.#length += bytes.length
  }
}
