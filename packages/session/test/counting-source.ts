import {
  CloseCode,
  type FrameSource,
  FrameType,
  ProtocolError,
  type SentFrame,
  streamHeaderSize,
  type WriteContext,
  writeStreamHeader,
} from '@stt/frame'

/** A source with one stream of counted bytes: enough to fill packets and to see which of them came through. */
export class CountingSource implements FrameSource {
  readonly acknowledged: SentFrame[] = []
  readonly lost: SentFrame[] = []
  receivedBytes = 0
  /** Calls about streams since the session began. */
  calls = 0
  #toSend = 0
  #offset = 0
  readonly #again: SentFrame[] = []

  queue(bytes: number): void {
    this.#toSend += bytes
  }

  hasFrames(): boolean {
    return this.#toSend > 0 || this.#again.length > 0
  }

  writeFrames(buffer: Uint8Array, offset: number, limit: number, sent: SentFrame[], _context: WriteContext): number {
    let at = offset
    for (
      let next = this.#writeFrame(buffer, at, limit, sent);
      next > at;
      next = this.#writeFrame(buffer, at, limit, sent)
    ) {
      at = next
    }
    return at
  }

  #writeFrame(buffer: Uint8Array, offset: number, limit: number, sent: SentFrame[]): number {
    const again = this.#again[0]
    const start = again?.offset ?? this.#offset
    const room = limit - offset - streamHeaderSize(0, start, limit)
    const length = Math.min(room, again?.length ?? this.#toSend)
    if (length <= 0) return offset
    const at = writeStreamHeader(buffer, offset, 0, start, length, false)
    buffer.fill(0x2a, at, at + length)
    sent.push(streamFrame(start, length))
    if (again) {
      this.#again.shift()
      if (length < again.length) this.#again.unshift(streamFrame(start + length, again.length - length))
    } else {
      this.#offset += length
      this.#toSend -= length
    }
    return at + length
  }

  onFrameAcknowledged(frame: SentFrame): void {
    this.acknowledged.push(frame)
  }

  onFrameLost(frame: SentFrame): void {
    this.lost.push(frame)
    this.#again.push(frame)
  }

  onStream(_id: number, offset: number, data: Uint8Array): void {
    this.calls++
    if (offset === FORBIDDEN_OFFSET) throw new ProtocolError(CloseCode.FlowControl, 'the peer had no credit for that')
    this.receivedBytes += data.length
  }

  onReset(): void {
    this.calls++
  }

  onStop(): void {
    this.calls++
  }

  onMaxData(): void {
    this.calls++
  }

  onMaxStreamData(): void {
    this.calls++
  }

  onMaxStreams(): void {
    this.calls++
  }
}

/** Stream data at this offset breaks a rule of the streams. */
export const FORBIDDEN_OFFSET = 666_666

const streamFrame = (offset: number, length: number): SentFrame => ({
  type: FrameType.Stream,
  id: 0,
  offset,
  length,
  fin: false,
})
