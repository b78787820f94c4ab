import { SttError } from '@stt/errors'
import type { ByteReader } from './byte-reader.ts'
import { malformed } from './refusal.ts'
import { varintSize, writeVarint } from './varint.ts'

/** Bytes of a message at most. A side's `maxMessage` can only be less. */
export const MAX_MESSAGE_SIZE: number = 2 * 1_024 * 1_024

/** Bytes before a message of `length` bytes on a stream. */
export function messageHeaderSize(length: number): number {
  return varintSize(length)
}

/**
 * Writes the header of a message on a stream, which is its length, and returns the offset after it.
 *
 * @param length bytes of the message
 * @param maximum the peer's `maxMessage`
 * @throws SttError `STT_MESSAGE_TOO_LARGE` above `maximum` or 2 MiB
 */
// spec: STT-FRM-14
export function writeMessageHeader(buffer: Uint8Array, offset: number, length: number, maximum: number): number {
  const most = Math.min(maximum, MAX_MESSAGE_SIZE)
  if (length > most) {
    throw new SttError(
      'STT_MESSAGE_TOO_LARGE',
      `the peer takes messages of at most ${most} bytes, not ${length}: split it, or write the bytes to the stream itself`,
      { details: { maximum: most, length } },
    )
  }
  return writeVarint(buffer, offset, length)
}

/**
 * Reads the length of a message from a reader that has at least the header: `varintSizeFrom` of the first byte says how
 * long that is. The length is a claim until the bytes are there: allocate nothing for it.
 *
 * @param maximum this side's `maxMessage`
 * @throws ProtocolError with rule `message-too-large` above `maximum` or 2 MiB, or a rule of varints
 */
// spec: STT-FRM-14
export function readMessageHeader(reader: ByteReader, maximum: number): number {
  const start = reader.offset
  const length = reader.varint()
  const most = Math.min(maximum, MAX_MESSAGE_SIZE)
  if (length > most)
    throw malformed('message-too-large', start, `a message of ${length} bytes where ${most} are allowed`)
  return length
}
