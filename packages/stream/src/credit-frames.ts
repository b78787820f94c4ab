import { FrameType, maxDataSize, maxStreamsSize, type SentFrame, writeMaxData, writeMaxStreams } from '@stt/frame'
import { sentFrame } from './sent-frame.ts'
import type { SessionWindow } from './session-window.ts'
import type { StreamCountLimit } from './stream-count-limit.ts'

/** Writes the frames that grant credit for the session as a whole: MAX_DATA and MAX_STREAMS. */
export class CreditFrames {
  readonly #data: SessionWindow
  readonly #bidi: StreamCountLimit
  readonly #uni: StreamCountLimit

  constructor(data: SessionWindow, bidi: StreamCountLimit, uni: StreamCountLimit) {
    this.#data = data
    this.#bidi = bidi
    this.#uni = uni
  }

  /** Whether there is a frame to write. */
  get isWaiting(): boolean {
    return this.#data.isWaiting || this.#bidi.isWaiting || this.#uni.isWaiting
  }

  /** Writes the frames that are due and fit; returns the offset behind them. */
  write(buffer: Uint8Array, offset: number, limit: number, sent: SentFrame[]): number {
    let at = offset
    if (this.#data.isWaiting && at + maxDataSize(Number.MAX_SAFE_INTEGER) <= limit) {
      const max = this.#data.grant()
      at = writeMaxData(buffer, at, max)
      sent.push(sentFrame(FrameType.MaxData, 0, max, 0, false))
    }
    at = writeStreams(this.#bidi, false, buffer, at, limit, sent)
    return writeStreams(this.#uni, true, buffer, at, limit, sent)
  }

  /** Queues a lost frame again; returns whether it was one of these frames. */
  // spec: STT-STR-17
  lose({ type, offset }: SentFrame): boolean {
    if (type === FrameType.MaxData) this.#data.lose(offset)
    else if (type === FrameType.MaxStreamsBidi) this.#bidi.lose(offset)
    else if (type === FrameType.MaxStreamsUni) this.#uni.lose(offset)
    else return false
    return true
  }
}

function writeStreams(
  credit: StreamCountLimit,
  unidirectional: boolean,
  buffer: Uint8Array,
  offset: number,
  limit: number,
  sent: SentFrame[],
): number {
  if (!credit.isWaiting || offset + maxStreamsSize(Number.MAX_SAFE_INTEGER) > limit) return offset
  const max = credit.grant()
  sent.push(sentFrame(unidirectional ? FrameType.MaxStreamsUni : FrameType.MaxStreamsBidi, 0, max, 0, false))
  return writeMaxStreams(buffer, offset, unidirectional, max)
}
