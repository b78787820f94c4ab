import { concatBytes } from '@stt/crypto'
import { bytesOf, describe, SttError } from '@stt/errors'
import { PieceSplitter } from './piece-splitter.ts'
import { StreamDecoder, type StreamDecoderOptions } from './stream-decoder.ts'
import { StreamEncoder, type StreamEncoderOptions } from './stream-encoder.ts'

/** Seals all of `bytes` as one stream. */
export function sealSegments(bytes: Uint8Array, options: StreamEncoderOptions): Uint8Array<ArrayBuffer> {
  const encoder = new StreamEncoder(options)
  return concatBytes([...encoder.encode(bytes), ...encoder.end()])
}

/**
 * Opens a whole stream that was sealed with `sealSegments`, or any other way, and carried in order.
 *
 * @throws SttError as `StreamDecoder.decode` and `end` do; then nothing of the stream is given
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
 * The pieces of a sealed stream of what `source` gives, one at a time and no faster than they are asked for. The stream
 * has no end, as its reader will see, when `source` throws or the loop over it is left.
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
 * The bytes of the sealed stream that `source` gives in any portions.
 *
 * @throws SttError as `StreamDecoder.decode` and `end` do, after everything good before was given
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

/** A transform from the bytes of a sealed stream, in any portions, to what was sealed; a bad stream errors it. */
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

/** One chunk can be iterated over too, by its numbers, and a text by its letters: neither gives bytes. */
function checkSource(source: unknown): void {
  if (typeof source === 'object' && source !== null && !ArrayBuffer.isView(source)) {
    if (Symbol.asyncIterator in source || Symbol.iterator in source) return
  }
  throw wrong('a source gives chunks of bytes, as a stream or an array of them does', source)
}

const wrong = (what: string, given: unknown): SttError =>
  new SttError('STT_INVALID_ARGUMENT', `${what}, not ${describe(given)}`)

/** What bytes can come from: a file's stream, a `ReadableStream`, a generator, an array of chunks. */
export type ByteSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/** Segment by segment, so that a large portion is not sealed before the first of it was carried. */
function* encodeInParts(
  encoder: StreamEncoder,
  given: Uint8Array,
): Generator<Uint8Array<ArrayBuffer>, void, undefined> {
  const bytes = bytesOf(given, 'what is sealed')
  for (let at = 0; at < bytes.length; at += encoder.segmentSize)
    yield* encoder.encode(bytes.subarray(at, at + encoder.segmentSize))
}
