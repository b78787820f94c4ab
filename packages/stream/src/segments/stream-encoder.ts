import { concatBytes, type Entropy, provider as platform, randomBytes } from '@stt/crypto'
import { bytesOf, checkInteger, checkOptions, checkType, SttError } from '@stt/errors'
import { checkedOptions, deriveSegmentKeys, SegmentKey, SegmentNonces, type SegmentOptions } from './segment-key.ts'
import {
  MAX_SEGMENT_LENGTH,
  SEGMENT_HEADER_LENGTH,
  SEGMENT_OVERHEAD,
  SegmentFlag,
  writeSegmentHeader,
} from './segment-layout.ts'

/** Options of a `StreamEncoder`. */
export interface StreamEncoderOptions extends SegmentOptions {
  /** Bytes of plaintext in a segment at most: 1 to 65,536, the default. */
  readonly segmentSize?: number
  /** Source of the salt, 24 bytes; `randomBytes` by default. */
  readonly entropy?: Entropy
}

/** A `StreamEncoder` at one moment. */
export interface StreamEncoderStatistics {
  /** Segments sealed. */
  readonly segments: number
  /** Bytes of plaintext. */
  readonly bytesIn: number
  /** Bytes sealed, header included. */
  readonly bytesOut: number
  /** How many times the key has changed. */
  readonly epoch: number
  /** Whether `end` or `dispose` was called. */
  readonly ended: boolean
}

/**
 * Seals bytes into segments for any carrier: a file, a queue, another transport. It returns pieces: first the stream's
 * header, then one segment each. A carrier of bytes writes them one after the other; a carrier of messages sends one piece a
 * message.
 *
 * @example
 * const encoder = new StreamEncoder({ key, context })
 * for await (const bytes of source) for (const piece of encoder.encode(bytes)) await queue.send(piece)
 * for (const piece of encoder.end()) await queue.send(piece)
 */
export class StreamEncoder {
  /** Bytes of plaintext in a segment at most. */
  readonly segmentSize: number
  #key: SegmentKey
  readonly #nonces: SegmentNonces
  #header: Uint8Array<ArrayBuffer> | undefined
  #sequence = 0
  #newKey = false
  #ended = false
  #bytesIn = 0
  #bytesOut = 0

  /** @throws SttError `STT_INVALID_ARGUMENT` for a key that is not 32 bytes, or a segment size out of range */
  constructor(options: StreamEncoderOptions) {
    checkOptions(options, 'StreamEncoder', ['key', 'context', 'provider', 'segmentSize', 'entropy'])
    const checked = checkedOptions(options)
    const { segmentSize = MAX_SEGMENT_LENGTH, entropy = randomBytes, provider = platform } = options
    checkInteger(segmentSize, 'segmentSize', 1, MAX_SEGMENT_LENGTH)
    this.segmentSize = segmentSize
    checkType(entropy, 'entropy', 'function')
    const salt = bytesOf(entropy(24), 'what the entropy function gives')
    if (salt.length !== 24) {
      throw new SttError('STT_INVALID_ARGUMENT', `the entropy function gave ${salt.length} bytes, not 24`)
    }
    const { key, baseNonce, commitment } = deriveSegmentKeys(provider, checked, salt)
    this.#header = concatBytes([salt, commitment])
    this.#nonces = new SegmentNonces(baseNonce)
    this.#key = new SegmentKey(provider, key, 0)
  }

  /**
   * Seals `bytes` at once, into as many segments as they need.
   *
   * @param given bytes in any form: a `Uint8Array`, another view, an `ArrayBuffer`
   * @returns the pieces to carry, in order; those of the first call begin with the header
   * @throws SttError `STT_INVALID_STATE` after `end`, `STT_INVALID_ARGUMENT` unless `given` are bytes
   */
  encode(given: Uint8Array): Uint8Array<ArrayBuffer>[] {
    const bytes = bytesOf(given, 'what is sealed')
    const pieces = this.#begin()
    for (let at = 0; at < bytes.length; at += this.segmentSize)
      pieces.push(this.#seal(bytes.subarray(at, at + this.segmentSize), 0))
    this.#bytesIn += bytes.length
    return pieces
  }

  /** Changes the key: bytes that are encoded from now on are sealed under a new one. */
  rotateKeys(): void {
    this.#checkOpen()
    this.#newKey = true
  }

  /** Ends the stream, and returns its last pieces: without them the reader knows that the stream is incomplete. */
  // spec: STT-SEG-25
  end(): Uint8Array<ArrayBuffer>[] {
    const pieces = this.#begin()
    pieces.push(this.#seal(new Uint8Array(0), SegmentFlag.End))
    this.dispose()
    return pieces
  }

  /** The encoder at this moment. */
  getStatistics(): StreamEncoderStatistics {
    return Object.freeze({
      segments: this.#sequence,
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
      epoch: this.#key.epoch,
      ended: this.#ended,
    })
  }

  /** Wipes the key: the encoder can no longer be used. */
  dispose(): void {
    this.#ended = true
    this.#key.dispose()
  }

  /** The header, if it was not returned yet, and the end of the old key, if a new one was requested. */
  #begin(): Uint8Array<ArrayBuffer>[] {
    this.#checkOpen()
    const pieces: Uint8Array<ArrayBuffer>[] = []
    if (this.#header !== undefined) {
      pieces.push(this.#header)
      this.#bytesOut += this.#header.length
      this.#header = undefined
    }
    if (this.#newKey) pieces.push(this.#endKey())
    return pieces
  }

  #endKey(): Uint8Array<ArrayBuffer> {
    if (this.#key.epoch === MAX_EPOCH) throw exhausted('epochs')
    const piece = this.#seal(new Uint8Array(0), SegmentFlag.NewKey)
    const old = this.#key
    this.#key = old.next()
    old.dispose()
    this.#newKey = false
    return piece
  }

  #seal(bytes: Uint8Array, flags: number): Uint8Array<ArrayBuffer> {
    const sequence = this.#sequence++
    if (sequence === Number.MAX_SAFE_INTEGER) throw exhausted('segments')
    const piece = new Uint8Array(bytes.length + SEGMENT_OVERHEAD)
    writeSegmentHeader(piece, { flags, length: bytes.length, epoch: this.#key.epoch, sequence })
    const header = piece.subarray(0, SEGMENT_HEADER_LENGTH)
    this.#key.seal(this.#nonces.of(sequence), header, bytes, piece, SEGMENT_HEADER_LENGTH)
    this.#bytesOut += piece.length
    return piece
  }

  #checkOpen(): void {
    if (this.#ended)
      throw new SttError('STT_INVALID_STATE', 'this stream is ended: seal the next one with another StreamEncoder')
  }
}

function exhausted(what: string): SttError {
  return new SttError('STT_NONCE_EXHAUSTED', `a sealed stream has no more ${what}: begin another one`)
}

const MAX_EPOCH = 2 ** 32 - 1
