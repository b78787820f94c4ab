import { isSttError } from '@stt/errors'
import { type DecodeOptions, Decoder, encode } from '../src/index.ts'
import { hex } from './notation.ts'

/** The result of a stream of chunks: each value's bytes, then the refusal if there was one. */
export interface Outcome {
  readonly values: readonly string[]
  readonly rule?: unknown
  readonly offset?: unknown
}

/** Anything thrown that is no refusal of the bytes is thrown on. */
export function outcomeOf(chunks: Iterable<Uint8Array>, options: DecodeOptions = {}): Outcome {
  const decoder = new Decoder({ ...options, typed: true })
  const values: string[] = []
  try {
    for (const chunk of chunks) values.push(...decoder.push(chunk).map(value => hex(encode(value))))
    decoder.end()
    return { values }
  } catch (error) {
    if (!isSttError(error, 'STT_DECODE')) throw error
    return { values, ...error.details }
  }
}

/** `bytes` in chunks of `size`. */
export function* slices(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
