import { allocate } from './allocate.ts'
import { EncodeRefusal } from './encode-refusal.ts'

/**
 * Memory that one encoding at a time is written to, at `position`. Small results are views of it, without a copy; large byte
 * arrays are only referred to, and copied once, into the result.
 */
export class Output {
  /** Call `reserve` before you write to it. */
  chunk: Uint8Array<ArrayBuffer> = new Uint8Array(CHUNK)
  view: DataView = new DataView(this.chunk.buffer)
  position = 0
  /** Where the encoding begins; earlier results lie before it. */
  private begin = 0
  /** Byte arrays that belong between two parts of the chunk. */
  private pieces: Piece[] = []
  private piecesLength = 0

  /** Bytes of the encoding so far. */
  get length(): number {
    return this.position - this.begin + this.piecesLength
  }

  /** The encoding, in memory that is not written to again. */
  take(): Uint8Array<ArrayBuffer> {
    const { length, begin } = this
    if (length <= MAX_SHARED && this.piecesLength === 0) {
      this.begin = this.position
      return this.chunk.subarray(begin, this.position)
    }
    const bytes = allocate(length)
    this.copyTo(bytes, 0)
    return bytes
  }

  /** Copies the encoding to `target` at `offset`, where it must fit. */
  copyTo(target: Uint8Array, offset: number): void {
    let from = this.begin
    let to = offset
    for (const { at, bytes, length } of this.pieces) {
      // A getter ran after the header was written, and transferred or resized the buffer of the bytes.
      if (bytes.length !== length) throw new EncodeRefusal('length', 'a byte array changed its length meanwhile')
      target.set(this.chunk.subarray(from, at), to)
      to += at - from
      target.set(bytes, to)
      to += bytes.length
      from = at
    }
    target.set(this.chunk.subarray(from, this.position), to)
  }

  /** Forgets the encoding. */
  reset(): void {
    if (this.piecesLength > 0) {
      this.pieces = []
      this.piecesLength = 0
    }
    if (this.chunk.length > MAX_KEPT || this.chunk.length - this.begin < MIN_ROOM) {
      this.replaceChunk(new Uint8Array(CHUNK))
      this.begin = 0
    }
    this.position = this.begin
  }

  /** Makes room for `length` bytes at the position. */
  reserve(length: number): void {
    if (this.position + length > this.chunk.length) this.grow(length)
  }

  tag(tag: number): void {
    this.reserve(1)
    this.chunk[this.position++] = tag
  }

  /** A tag with a length or count. */
  header(tag: number, length: number): void {
    if (length > MAX_UINT32) throw new EncodeRefusal('length', 'a length or count must be below 2^32')
    this.reserve(5)
    writeHeader(this.chunk, this.position, tag, length)
    this.position += 5
  }

  /** Adds bytes, which must not change until the encoding is taken. */
  raw(bytes: Uint8Array): void {
    const { length } = bytes
    if (length >= MIN_PIECE) {
      this.pieces.push({ at: this.position, bytes, length })
      this.piecesLength += length
      return
    }
    this.reserve(length)
    this.chunk.set(bytes, this.position)
    this.position += length
  }

  /** Moves the encoding to a chunk that has room for `length` bytes more. */
  private grow(length: number): void {
    const written = this.position - this.begin
    const grown = new Uint8Array(Math.max(CHUNK, 2 * (written + length)))
    grown.set(this.chunk.subarray(this.begin, this.position))
    for (const piece of this.pieces) piece.at -= this.begin
    this.replaceChunk(grown)
    this.begin = 0
    this.position = written
  }

  private replaceChunk(chunk: Uint8Array<ArrayBuffer>): void {
    this.chunk = chunk
    this.view = new DataView(chunk.buffer)
  }
}

export function writeHeader(chunk: Uint8Array, position: number, tag: number, length: number): void {
  chunk[position] = tag
  chunk[position + 1] = length >>> 24
  chunk[position + 2] = length >>> 16
  chunk[position + 3] = length >>> 8
  chunk[position + 4] = length
}

/** A byte array and the position in the chunk that it stands before. */
interface Piece {
  at: number
  readonly bytes: Uint8Array
  readonly length: number
}

const CHUNK = 16 * 1024
/** Results up to this length share their memory with others. */
const MAX_SHARED = 4 * 1024
/** A chunk with less room than this is given up. */
const MIN_ROOM = 1024
/** A chunk that grew beyond this is given up. */
const MAX_KEPT = 1024 * 1024
/** Byte arrays from this length on are copied once, into the result. */
const MIN_PIECE = 4096
const MAX_UINT32 = 0xffff_ffff
