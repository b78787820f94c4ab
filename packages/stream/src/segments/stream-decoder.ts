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

export interface StreamDecoderOptions extends SegmentOptions {
  /** How many segments further than the next one may arrive before it: they are kept until it comes. 0 by default. */
  readonly reorder?: number
}

/** Segments that have not arrived, by their sequence numbers, both included. */
export interface MissingSegments {
  readonly first: number
  readonly last: number
}

/** What `skipMissing` gives. */
export interface SkippedSegments {
  /** The segments that were given up: bytes of the stream are missing here, nobody knows how many. */
  readonly missing: MissingSegments
  /** The bytes behind them that are in order, which are the caller's. */
  readonly bytes: readonly Uint8Array<ArrayBuffer>[]
}

export interface StreamDecoderStatistics {
  /** Segments given out in order. */
  readonly segments: number
  /** Bytes that arrived, refused ones included. */
  readonly bytesIn: number
  /** Bytes of plaintext given out. */
  readonly bytesOut: number
  readonly epoch: number
  /** Segments that are kept until earlier ones arrive. */
  readonly held: number
  /** Segments that are not genuine. */
  readonly rejected: number
  /** Segments that came again. */
  readonly replayed: number
  /** Segments that were given up. */
  readonly skipped: number
  readonly ended: boolean
}

/**
 * Opens what a `StreamEncoder` sealed, piece by piece. A piece that is refused changes nothing: what came before is
 * good, and the right piece can still follow.
 */
export class StreamDecoder {
  readonly #options: SegmentOptions
  readonly #provider: CryptoProvider
  readonly #reorder: number
  /** Of the epoch of the next segment, then of those after it as far as they were needed. */
  #keys: SegmentKey[] = []
  #nonces: SegmentNonces | undefined
  #next = 0
  /** What was given up, in ascending ranges. */
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

  /** The segments that are missing before one that arrived, and that were not given up. */
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

  /** Whether the stream's last segment was given out: it is complete, but for what was given up. */
  get ended(): boolean {
    return this.#ended
  }

  /**
   * Takes one piece as the encoder gave it: the header first, then segments.
   *
   * @returns the bytes that are in order now, which are the caller's; often none while earlier segments are missing
   * @param given bytes in any form: a `Uint8Array`, another view, an `ArrayBuffer`
   * @throws SttError `STT_AUTHENTICATION` when the piece was changed, cut, or belongs to another stream, key or context;
   * `STT_SEGMENT_REPLAYED` when it came before; `STT_SEGMENT_MISSING` when more than `reorder` segments are missing
   * before it; `STT_TRUNCATED` when the header is not whole; `STT_INVALID_ARGUMENT` for what is no bytes
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
   * Gives up the first segments that are missing, and goes on behind them: for a stream whose later parts are of use
   * without the earlier ones, and a carrier that will not bring these any more. Each call skips one gap.
   *
   * @returns what is missing and the bytes behind it; `undefined` when no segment waits behind a missing one
   * @throws SttError `STT_AUTHENTICATION` when what waits does not follow from what came before
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
   * To be called when the carrier has nothing more.
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

  /** Wipes the keys and drops what was kept. */
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

  /** Gives out what is in order now. */
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
