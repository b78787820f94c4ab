import { checkInteger, describe, SttError } from '@stt/errors'
import { TAG_LENGTH } from '../providers/provider.ts'
import { COMMITMENT_LENGTH, SALT_LENGTH } from './suite.ts'

/** Bytes of plaintext in every chunk but the last, which is always shorter. */
export const CHUNK_LENGTH = 16_384
export const SEALED_CHUNK_LENGTH: number = CHUNK_LENGTH + TAG_LENGTH

/** Salt and commitment. */
export const CHUNK_HEADER_LENGTH: number = SALT_LENGTH + COMMITMENT_LENGTH

/** A message has fewer chunks than this: 4 PiB. */
export const MAX_CHUNKS: number = 2 ** 38

/** The longest message: its last chunk is not full. */
const MAX_LENGTH = MAX_CHUNKS * CHUNK_LENGTH - 1

/** The length of a message of `length` bytes when sealed, header included. */
export function sealedLength(length: number): number {
  checkInteger(length, 'a length', 0, MAX_LENGTH)
  return CHUNK_HEADER_LENGTH + length + TAG_LENGTH * (Math.floor(length / CHUNK_LENGTH) + 1)
}

/** The inverse of `sealedLength`; undefined for a length that no whole sealed message has. */
export function plaintextLength(sealed: number): number | undefined {
  if (!Number.isSafeInteger(sealed)) return undefined
  const body = sealed - CHUNK_HEADER_LENGTH
  const last = body % SEALED_CHUNK_LENGTH
  if (body < 0 || last < TAG_LENGTH) return undefined
  return Math.floor(body / SEALED_CHUNK_LENGTH) * CHUNK_LENGTH + last - TAG_LENGTH
}

/** The sealed bytes that hold a part of a message. */
export interface ChunkRange {
  /** The first chunk that holds the part, at which a `ChunkOpener` begins. */
  readonly firstChunk: number
  /** Offset of the first sealed byte to read. */
  readonly start: number
  /** Offset after the last sealed byte to read, which may lie beyond the end of the message. */
  readonly end: number
  /** How many bytes of the first chunk's plaintext lie before the part. */
  readonly skip: number
}

/**
 * Which sealed bytes hold the plaintext bytes from `start` to before `end`.
 *
 * @throws STT_INVALID_ARGUMENT unless 0 ≤ start ≤ end
 */
export function sealedRange(start: number, end: number): ChunkRange {
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end < start) {
    throw new SttError('STT_INVALID_ARGUMENT', `${describe(start)} to ${describe(end)} is not a range of bytes`)
  }
  const firstChunk = Math.floor(start / CHUNK_LENGTH)
  const endChunk = Math.ceil(end / CHUNK_LENGTH)
  return {
    firstChunk,
    start: CHUNK_HEADER_LENGTH + firstChunk * SEALED_CHUNK_LENGTH,
    end: CHUNK_HEADER_LENGTH + Math.max(endChunk, firstChunk) * SEALED_CHUNK_LENGTH,
    skip: start - firstChunk * CHUNK_LENGTH,
  }
}
