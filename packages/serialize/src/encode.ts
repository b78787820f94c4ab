import { bytesOf, checkInteger, SttError } from '@stt/errors'
import { EncodeRefusal } from './encode-refusal.ts'
import type { Encodable } from './value.ts'
import { Writer } from './writer.ts'

/**
 * Encodes `value` canonically: equal values give equal bytes. The bytes are not written to again.
 *
 * @throws SttError `STT_ENCODE` with `details.path` and `details.rule` for a value that has no encoding
 */
export function encode(value: Encodable): Uint8Array<ArrayBuffer> {
  return withWriter(value, writer => writer.take())
}

/**
 * Encodes `value` into `target` at `offset`, and returns the offset after it. When it throws, `target` is unchanged.
 *
 * @throws SttError `STT_ENCODE` as `encode`; `STT_INVALID_ARGUMENT` when the bytes do not fit
 */
export function encodeInto(value: Encodable, target: Uint8Array, offset = 0): number {
  const buffer = bytesOf(target, 'the buffer')
  checkInteger(offset, 'the offset', 0, Number.MAX_SAFE_INTEGER)
  return withWriter(value, writer => {
    const end = offset + writer.length
    if (end > buffer.length) {
      throw new SttError(
        'STT_INVALID_ARGUMENT',
        `${writer.length} bytes do not fit in ${buffer.length} at offset ${offset}; encodedSize() tells what is needed`,
        { details: { argument: 'buffer', needed: writer.length, offset, available: buffer.length } },
      )
    }
    writer.copyTo(buffer, offset)
    return end
  })
}

/** The number of bytes of `encode(value)`. @throws SttError as `encode` */
export function encodedSize(value: Encodable): number {
  return withWriter(value, writer => writer.length)
}

function withWriter<T>(value: Encodable, use: (writer: Writer) => T): T {
  // A getter in `value` may call `encode` too: it then gets another writer.
  const writer = idle ?? new Writer()
  idle = undefined
  try {
    writer.write(value)
    return use(writer)
  } catch (error) {
    throw error instanceof EncodeRefusal ? error.toError() : error
  } finally {
    writer.reset()
    idle = writer
  }
}

let idle: Writer | undefined
