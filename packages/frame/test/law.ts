import { decodeFrames, encodeFrame, type FrameValue } from './frame-value.ts'
import { toHex } from './hex.ts'
import { type Refusal, refusalOf } from './refusal.ts'

export interface Outcome {
  /** The frames that were read, before the refusal if there was one. */
  readonly frames: readonly FrameValue[]
  readonly refused: Refusal | undefined
}

/**
 * The law of the frame decoder, for every byte string: it is refused with a rule, or its frames, PADDING left out,
 * are written as the bytes they were read from.
 */
export function checkLaw(bytes: Uint8Array): Outcome {
  const frames: FrameValue[] = []
  const refused = refusalOf(() => decodeFrames(bytes, 0, bytes.length, frames))
  let at = 0
  const skipPadding = (): void => {
    while (bytes[at] === 0 && at < bytes.length) at++
  }
  for (const frame of frames) {
    skipPadding()
    const again = encodeFrame(frame)
    if (toHex(bytes.subarray(at, at + again.length)) !== toHex(again)) {
      throw new Error(`${toHex(bytes)} was read as ${JSON.stringify(frame)}, which is written as ${toHex(again)}`)
    }
    at += again.length
  }
  skipPadding()
  if (!refused && at !== bytes.length) throw new Error(`${toHex(bytes)} was read to byte ${at} only`)
  return { frames, refused }
}
