/**
 * Takes the frames of the peer that are about streams. Each method throws a `ProtocolError` when the peer broke a rule:
 * the session then closes with its `closeCode`.
 */
export interface StreamFrameHandler {
  /**
   * STREAM: bytes of a stream.
   *
   * @param offset of the first byte of `data` in the stream
   * @param data a view into the packet
   * @param fin whether the stream ends behind `data`
   * @param owned whether the handler may keep the view, because nothing else writes to its memory; otherwise the view is
   *   valid only during the call
   */
  onStream(id: number, offset: number, data: Uint8Array, fin: boolean, owned?: boolean): void
  /** RESET: the peer gave up its sending part, of which it had sent `finalSize` bytes. */
  onReset(id: number, code: number, finalSize: number): void
  /** STOP: the peer stopped reading. */
  onStop(id: number, code: number): void
  /** MAX_DATA: the peer accepts `max` bytes on all streams together. */
  onMaxData(max: number): void
  /** MAX_STREAM_DATA: the peer accepts `max` bytes on one stream. */
  onMaxStreamData(id: number, max: number): void
  /** MAX_STREAMS: the peer accepts `max` streams of one kind, counted since the session began. */
  onMaxStreams(unidirectional: boolean, max: number): void
}

/**
 * A frame that was sent, as its source needs to know it when the frame is acknowledged or lost. Fields that a type of
 * frame does not use are 0 or false.
 */
export interface SentFrame {
  /** One of `FrameType`. */
  readonly type: number
  /** Stream id. */
  readonly id: number
  /** Offset of the data in the stream; the limit, in a frame that grants credit; the final size, in a RESET. */
  readonly offset: number
  /** Bytes of data. */
  readonly length: number
  /** Whether the stream ends behind the data. */
  readonly fin: boolean
}

/** Facts about the session that a source may use while it writes. */
export interface WriteContext {
  /** Milliseconds of the session's clock. */
  readonly now: number
  /** Smoothed round-trip time in milliseconds; 0 while unknown. */
  readonly rtt: number
}

/**
 * The seam between a session and its streams: the session asks for frames, and reports the fate of each.
 *
 * An implementation must expect this:
 *
 * - A report is about the frame in one packet. A frame that was written twice is reported twice.
 * - Reports come in any order. A frame that was reported lost may be acknowledged later, when its packet was only late.
 *   It may also be reported lost a second time: a probe repeats the frames of a packet before its fate is known.
 * - At the end of a session, frames in flight are reported lost, or not at all.
 * - Calls do not nest: a report never comes from within `writeFrames`.
 */
export interface FrameSource extends StreamFrameHandler {
  /** Whether `writeFrames` would write something into an empty packet. */
  hasFrames(): boolean
  /**
   * Writes whole frames into `buffer` from `offset` up to `limit`, and pushes an entry to `sent` for each frame that has
   * to arrive. Bytes outside of that range must stay as they are.
   *
   * @returns the offset behind the last frame; `offset` itself when no frame waits or none fits
   */
  writeFrames(buffer: Uint8Array, offset: number, limit: number, sent: SentFrame[], context: WriteContext): number
  /** The peer acknowledged a packet with this frame. */
  onFrameAcknowledged(frame: SentFrame): void
  /** A packet with this frame was lost: as far as its content is still wanted, it has to be written again. */
  onFrameLost(frame: SentFrame): void
}
