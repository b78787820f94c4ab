import { describe, SttError } from '@stt/errors'
import type { Decoded, DecodeOptions } from './decode.ts'
import { Decoder } from './decoder.ts'

/**
 * Decodes the values of a source of chunks, such as a stream, as they become complete.
 *
 * @param options as for `new Decoder()`
 * @throws SttError `STT_DECODE` after the values before the fault, also when the source ends inside a value
 */
export async function* decodeStream<const Options extends DecodeOptions = Record<never, never>>(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options?: Options,
): AsyncGenerator<Decoded<Options>, void, undefined> {
  const decoder = new Decoder(options)
  if (!isIterable(source)) {
    throw new SttError('STT_INVALID_ARGUMENT', `decodeStream reads chunks of bytes, not ${describe(source)}`)
  }
  for await (const chunk of source) yield* decoder.push(chunk)
  decoder.end()
}

/** Refuses one chunk and a text, which can be iterated too: by numbers and by letters. */
function isIterable(source: unknown): boolean {
  if (typeof source !== 'object' || source === null || ArrayBuffer.isView(source)) return false
  const { [Symbol.asyncIterator]: later, [Symbol.iterator]: now } = source as Partial<AsyncIterable<unknown> & Iterable<unknown>> // biome-ignore format: one line
  return typeof later === 'function' || typeof now === 'function'
}
