import type { SentFrame } from '@stt/frame'

/** Makes each entry of a packet's `sent` list with the same shape. In MAX_* frames `offset` is the limit. */
export function sentFrame(type: number, id: number, offset: number, length: number, fin: boolean): SentFrame {
  return { type, id, offset, length, fin }
}
