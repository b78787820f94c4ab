import type { Entropy } from '@stt/crypto'
import type { SttErrorCode } from '@stt/errors'
import { expect } from 'vitest'
import {
  StreamDecoder,
  type StreamDecoderOptions,
  StreamEncoder,
  type StreamEncoderOptions,
} from '../src/segments/index.ts'

export const key: Uint8Array = Uint8Array.from({ length: 32 }, (_, i) => i)
export const context: Uint8Array = new TextEncoder().encode('a stream of a test')

/** A salt that says which stream it is, so that a failing test can be run again. */
export const saltOf =
  (n: number): Entropy =>
  length =>
    new Uint8Array(length).fill(n)

export const encoderWith = (options: Partial<StreamEncoderOptions> = {}): StreamEncoder =>
  new StreamEncoder({ key, context, entropy: saltOf(1), ...options })

export const decoderWith = (options: Partial<StreamDecoderOptions> = {}): StreamDecoder =>
  new StreamDecoder({ key, context, ...options })

/** The pieces of a stream with the plaintext parts given; the key changes before each part after the first. */
export function seal(parts: readonly Uint8Array[], options: Partial<StreamEncoderOptions> = {}): Uint8Array[] {
  const encoder = encoderWith(options)
  const pieces: Uint8Array[] = []
  for (const [i, part] of parts.entries()) {
    if (i > 0) encoder.rotateKeys()
    pieces.push(...encoder.encode(part))
  }
  return [...pieces, ...encoder.end()]
}

/** The bytes that a decoder returns until it refuses a piece, or the end, and the code of the refusal. */
export function open(
  pieces: readonly Uint8Array[],
  decoder: StreamDecoder,
): { bytes: Uint8Array; code: SttErrorCode | undefined } {
  const opened: Uint8Array[] = []
  const bytes = (): Uint8Array => Uint8Array.from(opened.flatMap(chunk => [...chunk]))
  try {
    for (const piece of pieces) opened.push(...decoder.decode(piece))
    decoder.end()
    return { bytes: bytes(), code: undefined }
  } catch (error) {
    return { bytes: bytes(), code: (error as { code: SttErrorCode }).code }
  }
}

export const coded = (code: SttErrorCode): Error => expect.objectContaining({ name: 'SttError', code })
