import type { SentFrame } from '@stt/frame'

/** Makes every entry of a packet's `sent` list with the same shape. `offset` is the limit in MAX_* frames. */
export function sentFrame(type: number, id: number, offset: number, length: number, fin: boolean): SentFrame {
  return { type, id, offset, length, fin }
}
