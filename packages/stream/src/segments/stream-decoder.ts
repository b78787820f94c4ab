import { type CryptoProvider, equalBytes, provider as platform } from '@stt/crypto'
import { bytesOf, checkInteger, checkOptions, SttError } from '@stt/errors'
import { checkedOptions, deriveSegmentKeys, SegmentKey, SegmentNonces, type SegmentOptions } from './segment-key.ts'
import {
  readSegmentHeader,
  SEGMENT_HEADER_LENGTH,
  SEGMENT_OVERHEAD,
  SegmentFlag,
  type SegmentHeader,
  STREAM_HEADER_LENGTH,
} from './segment-layout.ts'

/** Options of a `StreamDecoder`. */
export interface StreamDecoderOptions extends SegmentOptions {
  /** How many segments ahead of the next one are accepted, and kept until it arrives. 0 by default. */
  readonly reorder?: number
}

/** A range of segments that have not arrived. */
export interface MissingSegments {
  /** Sequence number of the first. */
  readonly first: number
  /** Sequence number of the last. */
  readonly last: number
}

/** The result of `skipMissing`. */
export interface SkippedSegments {
  /** The segments that were given up. How many bytes of the stream are missing is unknown. */
  readonly missing: MissingSegments
  /** The bytes behind them that are in order. They belong to the caller. */
  readonly bytes: readonly Uint8Array<ArrayBuffer>[]
}

/** A `StreamDecoder` at one moment. */
export interface StreamDecoderStatistics {
  /** Segments returned in order. */
  readonly segments: number
  /** Bytes that arrived, including refused ones. */
  readonly bytesIn: number
  /** Bytes of plaintext returned. */
  readonly bytesOut: number
  /** How many times the key has changed. */
  readonly epoch: number
  /** Segments that are kept until earlier ones arrive. */
  readonly held: number
  /** Segments that are not genuine. */
  readonly rejected: number
  /** Segments that came again. */
  readonly replayed: number
  /** Segments that were given up. */
  readonly skipped: number
  /** Whether the last segment was returned. */
  readonly ended: boolean
}

/**
 * Opens a stream that a `StreamEncoder` sealed, piece by piece. A piece that is refused changes nothing: all bytes before it
 * are good, and the right piece can still follow.
 *
 * @example
 * const decoder = new StreamDecoder({ key, context })
 * for await (const piece of pieces) for (const bytes of decoder.decode(piece)) await file.write(bytes)
 * decoder.end() // throws unless the stream is complete
 */
export class StreamDecoder {
  readonly #options: SegmentOptions
  readonly #provider: CryptoProvider
  readonly #reorder: number
  /** The key of the next segment's epoch, then those of later epochs as far as they were needed. */
  #keys: SegmentKey[] = []
  #nonces: SegmentNonces | undefined
  #next = 0
  /** The segments that were given up, in ascending ranges. */
  readonly #skipped: MissingSegments[] = []
  readonly #held = new Map<number, Segment>()
  #ended = false
  #failed = false
  #closed = false
  #bytesIn = 0
  #bytesOut = 0
  #rejected = 0
  #replayed = 0
  #epoch = 0

  /** @throws SttError `STT_INVALID_ARGUMENT` for a key that is not 32 bytes, or an option that is none */
  constructor(options: StreamDecoderOptions) {
    checkOptions(options, 'StreamDecoder', ['key', 'context', 'provider', 'reorder'])
    const { key, context } = checkedOptions(options)
    const { reorder = 0, provider = platform } = options
    checkInteger(reorder, 'reorder', 0, Number.MAX_SAFE_INTEGER)
    this.#options = { key: key.slice(), context: context.slice() }
    this.#provider = provider
    this.#reorder = reorder
  }

  /** The segments that are missing before one that arrived, without those that were given up. */
  get missing(): readonly MissingSegments[] {
    const ranges: MissingSegments[] = []
    let next = this.#next
    for (const sequence of [...this.#held.keys()].sort((a, b) => a - b)) {
      if (sequence > next) ranges.push({ first: next, last: sequence - 1 })
      next = sequence + 1
    }
    return ranges
  }

  /** The segments that `skipMissing` gave up, in ascending order. */
  get skipped(): readonly MissingSegments[] {
    return [...this.#skipped]
  }

  /** Whether the last segment was returned: the stream is complete, apart from segments that were given up. */
  get ended(): boolean {
    return this.#ended
  }

  /**
   * Takes one piece as the encoder made it: the header first, then segments.
   *
   * @param given bytes in any form: a `Uint8Array`, another view, an `ArrayBuffer`
   * @returns the bytes that are in order now, which belong to the caller; often none while earlier segments are missing
   * @throws SttError `STT_AUTHENTICATION` when the piece was changed, cut, or belongs to another stream, key or context;
   * `STT_SEGMENT_REPLAYED` when it came before; `STT_SEGMENT_MISSING` when more than `reorder` segments are missing
   * before it; `STT_TRUNCATED` when the header is not whole; `STT_INVALID_ARGUMENT` unless `given` are bytes
   */
  decode(given: Uint8Array): Uint8Array<ArrayBuffer>[] {
    const piece = bytesOf(given, 'a piece of a sealed stream')
    this.#checkOpen()
    this.#bytesIn += piece.length
    if (this.#nonces === undefined) {
      this.#begin(piece)
      return []
    }
    if (this.#failed) throw notGenuine()
    const header = readSegmentHeader(piece)
    if (header === undefined || piece.length !== header.length + SEGMENT_OVERHEAD) return this.#reject()
    const segment = this.#open(header, piece)
    return this.#deliver(header.sequence, segment)
  }

  /**
   * Gives up the first segments that are missing, and goes on behind them: for a stream whose later parts are useful
   * without the earlier ones, when the carrier will not bring these any more. Each call skips one gap.
   *
   * @returns the missing segments and the bytes behind them; `undefined` when no segment waits behind a missing one
   * @throws SttError `STT_AUTHENTICATION` when the segments that wait do not follow from those before
   */
  // spec: STT-SEG-30
  skipMissing(): SkippedSegments | undefined {
    this.#checkOpen()
    if (this.#failed) throw notGenuine()
    const missing = this.missing[0]
    if (missing === undefined) return undefined
    const next = missing.last + 1
    const segment = this.#held.get(next)!
    this.#held.delete(next)
    // There is at least one segment to an epoch: the key of this one was made when it was opened.
    while (this.#epoch < segment.epoch) this.#advanceKey()
    this.#skipped.push(missing)
    this.#next = next
    return { missing, bytes: this.#deliver(next, segment) }
  }

  /**
   * Call this when the carrier has no more pieces: it throws unless the stream is complete.
   *
   * @throws SttError `STT_SEGMENT_MISSING` when segments are missing before one that arrived, or were given up, with
   * all of them in `details.missing`; `STT_TRUNCATED` when the end is missing
   */
  // spec: STT-SEG-29
  end(): void {
    const { ended } = this
    const missing = [...this.#skipped, ...this.missing]
    this.dispose()
    if (this.#failed) throw notGenuine()
    if (missing.length > 0) throw missingError(missing)
    if (!ended) throw new SttError('STT_TRUNCATED', 'the sealed stream ends before its last segment')
  }

  /** The decoder at this moment. */
  getStatistics(): StreamDecoderStatistics {
    return Object.freeze({
      segments: this.#next - this.#skippedCount,
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
      epoch: this.#epoch,
      held: this.#held.size,
      rejected: this.#rejected,
      replayed: this.#replayed,
      skipped: this.#skippedCount,
      ended: this.#ended,
    })
  }

  /** Wipes the keys, and drops the segments that wait. */
  dispose(): void {
    this.#closed = true
    this.#options.key.fill(0)
    for (const key of this.#keys) key.dispose()
    this.#keys = []
    this.#held.clear()
  }

  get #skippedCount(): number {
    return this.#skipped.reduce((sum, { first, last }) => sum + last - first + 1, 0)
  }

  #checkOpen(): void {
    if (this.#closed)
      throw new SttError('STT_INVALID_STATE', 'this decoder is closed: open the next stream with another')
  }

  // spec: STT-SEG-26
  #begin(header: Uint8Array): void {
    if (header.length !== STREAM_HEADER_LENGTH)
      throw new SttError('STT_TRUNCATED', `a sealed stream begins with ${STREAM_HEADER_LENGTH} bytes of header`)
    const { key, baseNonce, commitment } = deriveSegmentKeys(this.#provider, this.#options, header.subarray(0, 24))
    if (!equalBytes(commitment, header.subarray(24))) {
      this.#rejected++
      throw new SttError(
        'STT_AUTHENTICATION',
        'the stream was sealed with another key or context, or its header was changed',
      )
    }
    this.#nonces = new SegmentNonces(baseNonce)
    this.#keys = [new SegmentKey(this.#provider, key, 0)]
  }

  #open(header: SegmentHeader, piece: Uint8Array): Segment {
    const { sequence, epoch, flags } = header
    const key = this.#keyOf(epoch, sequence)
    if (key === undefined) return epoch < this.#epoch && sequence < this.#next ? this.#replay(sequence) : this.#reject()
    const associated = piece.subarray(0, SEGMENT_HEADER_LENGTH)
    // spec: STT-SEG-27
    const bytes = key.open(this.#nonces!.of(sequence), associated, piece.subarray(SEGMENT_HEADER_LENGTH))
    if (bytes === undefined) return this.#reject()
    // spec: STT-SEG-28
    if (sequence < this.#next || this.#held.has(sequence)) return this.#replay(sequence)
    if (sequence - this.#next > this.#reorder) throw missingError([{ first: this.#next, last: sequence - 1 }])
    return { bytes, epoch, flags }
  }

  /** The key of an epoch that the next segments can have; there is at least one segment to an epoch. */
  #keyOf(epoch: number, sequence: number): SegmentKey | undefined {
    const ahead = epoch - this.#epoch
    if (ahead < 0 || ahead > Math.min(sequence - this.#next, Math.max(this.#reorder, EPOCHS_AHEAD)))
      return ahead === 0 ? this.#keys[0] : undefined
    while (this.#keys.length <= ahead) this.#keys.push(this.#keys[this.#keys.length - 1]!.next())
    return this.#keys[ahead]
  }

  /** Returns the bytes that are in order now. */
  #deliver(sequence: number, arrived: Segment): Uint8Array<ArrayBuffer>[] {
    const bytes: Uint8Array<ArrayBuffer>[] = []
    if (sequence !== this.#next) {
      this.#held.set(sequence, arrived)
      return bytes
    }
    for (let segment: Segment | undefined = arrived; segment !== undefined; segment = this.#held.get(this.#next)) {
      this.#held.delete(this.#next)
      if (this.#ended || segment.epoch !== this.#epoch) {
        this.#failed = true
        return bytes
      }
      if (segment.bytes.length > 0) bytes.push(segment.bytes)
      this.#bytesOut += segment.bytes.length
      this.#next++
      if ((segment.flags & SegmentFlag.NewKey) !== 0) this.#advanceKey()
      if ((segment.flags & SegmentFlag.End) !== 0) this.#ended = true
    }
    return bytes
  }

  #advanceKey(): void {
    const old = this.#keys.shift()!
    if (this.#keys.length === 0) this.#keys.push(old.next())
    old.dispose()
    this.#epoch++
  }

  #reject(): never {
    this.#rejected++
    throw notGenuine()
  }

  #replay(sequence: number): never {
    this.#replayed++
    throw new SttError(
      'STT_SEGMENT_REPLAYED',
      `segment ${sequence} of the sealed stream came before, or was given up`,
      {
        details: { sequence },
      },
    )
  }
}

interface Segment {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly epoch: number
  readonly flags: number
}

function notGenuine(): SttError {
  return new SttError('STT_AUTHENTICATION', 'a segment was changed, cut or belongs to another stream')
}

function missingError(ranges: readonly MissingSegments[]): SttError {
  const list = ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(', ')
  return new SttError('STT_SEGMENT_MISSING', `segments of the sealed stream are missing: ${list}`, {
    details: { missing: list },
  })
}

/** Epochs beyond the current one whose keys are made for a segment that may turn out to come too early. */
const EPOCHS_AHEAD = 16
