/** Frames about streams, as a receiver takes them. Each call throws a `ProtocolError` when the peer broke a rule. */
export interface StreamFrameHandler {
  /**
   * @param data a view
   * @param owned whether the view may be kept, since nobody writes to its memory again; otherwise it is valid only
   * during the call
   */
  onStream(id: number, offset: number, data: Uint8Array, fin: boolean, owned?: boolean): void
  onReset(id: number, code: number, finalSize: number): void
  onStop(id: number, code: number): void
  onMaxData(max: number): void
  onMaxStreamData(id: number, max: number): void
  onMaxStreams(unidirectional: boolean, max: number): void
}

/**
 * What the writer of a frame must know again when the packet that carried it was acknowledged or lost.
 * Fields that a frame type has no use for are 0 or false.
 */
export interface SentFrame {
  readonly type: number
  readonly id: number
  readonly offset: number
  readonly length: number
  readonly fin: boolean
}

/** What a source may ask of the session while it writes. */
export interface WriteContext {
  /** Milliseconds of the session's clock. */
  readonly now: number
  /** Smoothed round-trip time in milliseconds; 0 where none is known. */
  readonly rtt: number
}

/** The seam between a session and its streams: a session asks for frames and reports what became of them. */
export interface FrameSource extends StreamFrameHandler {
  /** Whether `writeFrames` would write anything into an empty packet. */
  hasFrames(): boolean
  /**
   * Writes whole frames into `buffer` from `offset`, up to `limit`, and pushes an entry to `sent` for each frame
   * whose fate matters.
   *
   * @returns the offset after the last byte written; `offset` itself when nothing fits or nothing waits
   */
  writeFrames(buffer: Uint8Array, offset: number, limit: number, sent: SentFrame[], context: WriteContext): number
  onFrameAcknowledged(frame: SentFrame): void
  onFrameLost(frame: SentFrame): void
}
