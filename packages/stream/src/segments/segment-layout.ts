/** Bytes of the header of a sealed stream: salt and commitment. */
export const STREAM_HEADER_LENGTH: number = 24 + 32

/** Bytes of the header of a segment, the associated data of its seal: flags, length, epoch and sequence number. */
export const SEGMENT_HEADER_LENGTH = 16
/** Bytes of a segment beside its plaintext. */
export const SEGMENT_OVERHEAD: number = SEGMENT_HEADER_LENGTH + 16

/** Bytes of plaintext that a segment holds at most. */
export const MAX_SEGMENT_LENGTH = 65_536

export const SegmentFlag = {
  /** The last segment of its stream. */
  End: 1,
  /** The last segment under its key. */
  NewKey: 2,
} as const

/** The header of a segment. */
export interface SegmentHeader {
  /** Bits of `SegmentFlag`. */
  readonly flags: number
  /** Bytes of plaintext. */
  readonly length: number
  /** Number of the key. */
  readonly epoch: number
  /** Number of the segment, from 0. */
  readonly sequence: number
}

/** Writes the header of a segment at the start of `target`. */
// spec: STT-SEG-22
export function writeSegmentHeader(target: Uint8Array, { flags, length, epoch, sequence }: SegmentHeader): void {
  const view = new DataView(target.buffer, target.byteOffset, SEGMENT_HEADER_LENGTH)
  view.setUint32(0, flags * 2 ** 24 + length)
  view.setUint32(4, epoch)
  view.setUint32(8, Math.floor(sequence / 2 ** 32))
  view.setUint32(12, sequence % 2 ** 32)
}

/** Reads the header of a segment; `undefined` when no encoder writes such a header. */
export function readSegmentHeader(bytes: Uint8Array): SegmentHeader | undefined {
  if (bytes.length < SEGMENT_HEADER_LENGTH) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, SEGMENT_HEADER_LENGTH)
  const flags = view.getUint8(0)
  const length = view.getUint32(0) % 2 ** 24
  const sequence = view.getUint32(8) * 2 ** 32 + view.getUint32(12)
  if (flags > (SegmentFlag.End | SegmentFlag.NewKey) || length > MAX_SEGMENT_LENGTH) return undefined
  if (!Number.isSafeInteger(sequence)) return undefined
  return { flags, length, epoch: view.getUint32(4), sequence }
}
