import type { Decoded, DecodeOptions } from './decode.ts'
import { Decoder } from './decoder.ts'

/**
 * The values of a source of chunks, such as a stream, as they become complete.
 *
 * @param options as for `new Decoder()`
 * @throws SttError `STT_DECODE` after the values before the fault, also when the source ends inside a value
 */
export async function* decodeStream<const Options extends DecodeOptions = Record<never, never>>(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options?: Options,
): AsyncGenerator<Decoded<Options>, void, undefined> {
  const decoder = new Decoder(options)
  for await (const chunk of source) yield* decoder.push(chunk)
  decoder.end()
}
