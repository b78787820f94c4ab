import { concatBytes } from '@stt/crypto'
import { bytesOf, describe, SttError } from '@stt/errors'
import { PieceSplitter } from './piece-splitter.ts'
import { StreamDecoder, type StreamDecoderOptions } from './stream-decoder.ts'
import { StreamEncoder, type StreamEncoderOptions } from './stream-encoder.ts'

/**
 * Seals all of `bytes` as one stream.
 *
 * @throws SttError `STT_INVALID_ARGUMENT` for options that a `StreamEncoder` refuses
 */
export function sealSegments(bytes: Uint8Array, options: StreamEncoderOptions): Uint8Array<ArrayBuffer> {
  const encoder = new StreamEncoder(options)
  return concatBytes([...encoder.encode(bytes), ...encoder.end()])
}

/**
 * Opens a whole stream of segments in order, whether `sealSegments` or a `StreamEncoder` sealed it.
 *
 * @throws SttError as `StreamDecoder.decode` and `end` do; no byte of the stream is returned then
 */
export function openSegments(bytes: Uint8Array, options: StreamDecoderOptions): Uint8Array<ArrayBuffer> {
  const decoder = new StreamDecoder(options)
  const splitter = new PieceSplitter()
  const opened: Uint8Array<ArrayBuffer>[] = []
  for (const piece of splitter.push(bytes)) opened.push(...decoder.decode(piece))
  splitter.end()
  decoder.end()
  return concatBytes(opened)
}

/**
 * Seals the bytes of `source`, and yields the pieces one at a time, as they are asked for. When `source` throws, or the loop
 * over the pieces is left, the sealed stream has no end, and its reader notices.
 */
export async function* encodeFrom(
  encoder: StreamEncoder,
  source: ByteSource,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  if (!(encoder instanceof StreamEncoder)) throw wrong('encodeFrom takes a StreamEncoder', encoder)
  try {
    checkSource(source)
    for await (const bytes of source) yield* encodeInParts(encoder, bytes)
    yield* encoder.end()
  } finally {
    encoder.dispose()
  }
}

/**
 * Opens the sealed stream that `source` yields in portions of any size.
 *
 * @throws SttError as `StreamDecoder.decode` and `end` do, after all good bytes before were yielded
 */
export async function* decodeFrom(
  decoder: StreamDecoder,
  source: ByteSource,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  if (!(decoder instanceof StreamDecoder)) throw wrong('decodeFrom takes a StreamDecoder', decoder)
  const splitter = new PieceSplitter()
  try {
    checkSource(source)
    for await (const bytes of source) for (const piece of splitter.push(bytes)) yield* decoder.decode(piece)
    splitter.end()
    decoder.end()
  } finally {
    decoder.dispose()
  }
}

/** A transform from bytes to the pieces of a sealed stream. */
export function encoderTransform(encoder: StreamEncoder): TransformStream<Uint8Array, Uint8Array<ArrayBuffer>> {
  if (!(encoder instanceof StreamEncoder)) throw wrong('encoderTransform takes a StreamEncoder', encoder)
  return new TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>({
    transform: (bytes, controller) => {
      for (const piece of encoder.encode(bytes)) controller.enqueue(piece)
    },
    flush: controller => {
      for (const piece of encoder.end()) controller.enqueue(piece)
    },
  })
}

/** A transform from the bytes of a sealed stream, in portions of any size, to its plaintext. A bad stream errors it. */
export function decoderTransform(decoder: StreamDecoder): TransformStream<Uint8Array, Uint8Array<ArrayBuffer>> {
  if (!(decoder instanceof StreamDecoder)) throw wrong('decoderTransform takes a StreamDecoder', decoder)
  const splitter = new PieceSplitter()
  return new TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>({
    transform: (bytes, controller) => {
      for (const piece of splitter.push(bytes)) for (const opened of decoder.decode(piece)) controller.enqueue(opened)
    },
    flush: () => {
      splitter.end()
      decoder.end()
    },
  })
}

/** Refuses a single chunk and a text: both can be iterated over, but yield no bytes. */
function checkSource(source: unknown): void {
  if (typeof source === 'object' && source !== null && !ArrayBuffer.isView(source)) {
    if (Symbol.asyncIterator in source || Symbol.iterator in source) return
  }
  throw wrong('a source yields chunks of bytes, as a stream or an array of them does', source)
}

const wrong = (what: string, given: unknown): SttError =>
  new SttError('STT_INVALID_ARGUMENT', `${what}, not ${describe(given)}`)

/** A source of bytes: a stream of a file, a `ReadableStream`, a generator, an array of chunks. */
export type ByteSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/** Seals segment by segment, so that the first segment of a large portion is carried before the last is sealed. */
function* encodeInParts(
  encoder: StreamEncoder,
  given: Uint8Array,
): Generator<Uint8Array<ArrayBuffer>, void, undefined> {
  const bytes = bytesOf(given, 'what is sealed')
  for (let at = 0; at < bytes.length; at += encoder.segmentSize)
    yield* encoder.encode(bytes.subarray(at, at + encoder.segmentSize))
}
