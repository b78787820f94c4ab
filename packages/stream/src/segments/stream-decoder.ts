import { type CryptoProvider, equalBytes, provider as platform } from '@stt/crypto'
import { SttError } from '@stt/errors'
import { deriveSegmentKeys, SegmentKey, SegmentNonces, type SegmentOptions } from './segment-key.ts'
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
  readonly #held = new Map<number, Segment>()
  #ended = false
  #failed = false
  #closed = false
  #bytesIn = 0
  #bytesOut = 0
  #rejected = 0
  #replayed = 0
  #epoch = 0

  constructor(options: StreamDecoderOptions) {
    const { reorder = 0, provider = platform } = options
    if (!Number.isSafeInteger(reorder) || reorder < 0)
      throw new SttError('STT_INVALID_ARGUMENT', `reorder is ${reorder}: give a whole number of segments`)
    this.#options = { key: options.key.slice(), context: options.context.slice() }
    this.#provider = provider
    this.#reorder = reorder
  }

  /** The segments that are missing before one that arrived. */
  get missing(): readonly MissingSegments[] {
    const ranges: MissingSegments[] = []
    let next = this.#next
    for (const sequence of [...this.#held.keys()].sort((a, b) => a - b)) {
      if (sequence > next) ranges.push({ first: next, last: sequence - 1 })
      next = sequence + 1
    }
    return ranges
  }

  /** Whether the stream's last segment was given out: it is complete. */
  get ended(): boolean {
    return this.#ended
  }

  /**
   * Takes one piece as the encoder gave it: the header first, then segments.
   *
   * @returns the bytes that are in order now, which are the caller's; often none while earlier segments are missing
   * @throws SttError `STT_AUTHENTICATION` when the piece was changed, cut, or belongs to another stream, key or context;
   * `STT_SEGMENT_REPLAYED` when it came before; `STT_SEGMENT_MISSING` when more than `reorder` segments are missing
   * before it; `STT_TRUNCATED` when the header is not whole
   */
  decode(piece: Uint8Array): Uint8Array[] {
    if (this.#closed)
      throw new SttError('STT_INVALID_STATE', 'this decoder is closed: open the next stream with another')
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
   * To be called when the carrier has nothing more.
   *
   * @throws SttError `STT_SEGMENT_MISSING` when segments are missing before one that arrived, `STT_TRUNCATED` when the
   * end is missing
   */
  // spec: STT-SEG-29
  end(): void {
    const { missing, ended } = this
    this.dispose()
    if (this.#failed) throw notGenuine()
    if (missing.length > 0) throw missingError(missing)
    if (!ended) throw new SttError('STT_TRUNCATED', 'the sealed stream ends before its last segment')
  }

  getStatistics(): StreamDecoderStatistics {
    return Object.freeze({
      segments: this.#next,
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
      epoch: this.#epoch,
      held: this.#held.size,
      rejected: this.#rejected,
      replayed: this.#replayed,
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
  #deliver(sequence: number, arrived: Segment): Uint8Array[] {
    const bytes: Uint8Array[] = []
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
    throw new SttError('STT_SEGMENT_REPLAYED', `segment ${sequence} of the sealed stream came before`, {
      details: { sequence },
    })
  }
}

interface Segment {
  readonly bytes: Uint8Array
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
