import { SttError } from '@stt/errors'
import { FrameType, resetSize, type SentFrame, streamHeaderSize, writeReset, writeStreamHeader } from '@stt/frame'
import { RangeSet } from './range-set.ts'
import { SendBuffer } from './send-buffer.ts'
import { sentFrame } from './sent-frame.ts'
import { Step } from './step.ts'

/** The sending part of a stream: what was written, what is in flight, what has to be sent again. */
export class SendHalf {
  readonly #buffer = new SendBuffer()
  /** Above the start of the buffer. */
  readonly #acknowledged = new RangeSet()
  readonly #lost = new RangeSet()
  #sent = 0
  #limit: number
  #fin: Step = Step.NotWanted
  #reset: Step = Step.NotWanted
  #resetCode = 0
  #stopCode: number | undefined
  /** Whether the peer knows of the stream: the first frame of ours tells it. */
  #announced: Step

  /**
   * @param limit the peer's first credit for the stream, in bytes
   * @param isNew whether the peer has to learn that there is a stream, with a frame without bytes where none are written
   */
  constructor(limit: number, isNew: boolean) {
    this.#limit = limit
    // spec: STT-STR-29
    this.#announced = isNew ? Step.Waiting : Step.NotWanted
  }

  /** Bytes that the stream's own credit still takes. */
  get credit(): number {
    return this.#limit - this.#buffer.end
  }

  /** Bytes written so far. */
  get written(): number {
    return this.#buffer.end
  }

  /** Bytes written that never went into a packet. */
  get unsent(): number {
    return this.#buffer.end - this.#sent
  }

  /** Bytes kept until the peer acknowledges them. */
  get buffered(): number {
    return this.#buffer.end - this.#buffer.start
  }

  /** Whether the application ended the part with FIN or RESET. */
  get ended(): boolean {
    return this.#fin !== Step.NotWanted || this.#reset !== Step.NotWanted
  }

  /** Whether the peer acknowledged every byte and FIN. */
  get delivered(): boolean {
    return this.#fin === Step.Acknowledged && this.buffered === 0 && this.#reset === Step.NotWanted
  }

  get isReset(): boolean {
    return this.#reset !== Step.NotWanted
  }

  /** Whether nothing more will be sent or sent again. */
  get isOver(): boolean {
    return this.delivered || this.#reset === Step.Acknowledged
  }

  get resetCode(): number {
    return this.#resetCode
  }

  /** The code of the peer's STOP. */
  get stopCode(): number | undefined {
    return this.#stopCode
  }

  /** Whether a STREAM frame waits to be written. */
  get hasData(): boolean {
    if (this.#reset !== Step.NotWanted) return false
    return (
      !this.#lost.isEmpty ||
      this.#sent < this.#buffer.end ||
      this.#fin === Step.Waiting ||
      this.#announced === Step.Waiting
    )
  }

  get needsReset(): boolean {
    return this.#reset === Step.Waiting
  }

  /** Raises the credit; returns whether it was a raise. */
  raiseLimit(max: number): boolean {
    if (max <= this.#limit) return false
    this.#limit = max
    return true
  }

  /** @throws SttError when nothing can be written any more */
  assertWritable(): void {
    if (this.#stopCode !== undefined)
      throw new SttError('STT_STREAM_STOPPED', `the peer stopped reading this stream with code ${this.#stopCode}`, {
        details: { code: this.#stopCode },
      })
    if (this.ended) throw new SttError('STT_INVALID_STATE', 'this stream was ended or reset: open another one to write')
  }

  append(bytes: Uint8Array, length: number): void {
    this.#buffer.append(bytes, length)
  }

  end(): void {
    if (this.#fin === Step.NotWanted) this.#fin = Step.Waiting
  }

  /** Drops everything that was not acknowledged; returns the bytes that were written and never sent. */
  reset(code: number): number {
    const unsent = this.unsent
    this.#reset = Step.Waiting
    this.#resetCode = code
    this.#dropBuffer()
    return unsent
  }

  recordStop(code: number): void {
    this.#stopCode ??= code
  }

  /** The session ended: nothing is sent any more. */
  abandon(): void {
    if (this.isOver) return
    this.#reset = Step.Acknowledged
    this.#dropBuffer()
  }

  /**
   * Writes one STREAM frame: what was lost first, then what was never sent, with FIN when it ends the stream.
   *
   * @returns the offset after it; `offset` when nothing worth a frame fits
   */
  writeFrame(id: number, buffer: Uint8Array, offset: number, limit: number, sent: SentFrame[]): number {
    const again = !this.#lost.isEmpty
    const start = again ? this.#lost.firstStart : this.#sent
    const goal = again ? this.#lost.firstEnd : this.#buffer.end
    const room = limit - offset - streamHeaderSize(id, start, Math.min(goal - start, limit - offset))
    const length = Math.min(goal - start, room)
    if (room < 0 || (length < goal - start && length < SMALLEST_PIECE)) return offset

    const end = start + length
    const fin = this.#fin !== Step.NotWanted && end === this.#buffer.end
    const at = writeStreamHeader(buffer, offset, id, start, length, fin)
    this.#buffer.copyTo(buffer, at, start, end)
    if (again) this.#lost.remove(start, end)
    if (end > this.#sent) this.#sent = end
    if (fin && this.#fin === Step.Waiting) this.#fin = Step.Sent
    if (this.#announced === Step.Waiting) this.#announced = Step.Sent
    sent.push(sentFrame(fin ? FrameType.StreamFin : FrameType.Stream, id, start, length, fin))
    return at + length
  }

  /** Writes RESET; returns `offset` when it does not fit. The final size is what the peer may have counted. */
  writeReset(id: number, buffer: Uint8Array, offset: number, limit: number, sent: SentFrame[]): number {
    if (offset + resetSize(id, this.#resetCode, this.#sent) > limit) return offset
    this.#reset = Step.Sent
    sent.push(sentFrame(FrameType.Reset, id, this.#sent, 0, false))
    return writeReset(buffer, offset, id, this.#resetCode, this.#sent)
  }

  acknowledgeReset(): void {
    this.#reset = Step.Acknowledged
  }

  loseReset(): void {
    if (this.#reset === Step.Sent) this.#reset = Step.Waiting
  }

  acknowledge(offset: number, length: number, fin: boolean): void {
    if (this.#reset !== Step.NotWanted) return
    if (fin) this.#fin = Step.Acknowledged
    this.#announced = Step.Acknowledged
    const end = offset + length
    const acknowledged = this.#acknowledged
    this.#lost.remove(offset, end)
    if (offset > this.#buffer.start) {
      acknowledged.add(offset, end)
      return
    }
    let start = Math.max(this.#buffer.start, end)
    while (!acknowledged.isEmpty && acknowledged.firstStart <= start) {
      start = Math.max(start, acknowledged.firstEnd)
      acknowledged.removeFirst()
    }
    this.#buffer.release(start)
  }

  /** Queues what of the range was not acknowledged meanwhile. */
  // spec: STT-STR-8
  lose(offset: number, length: number, fin: boolean): void {
    if (this.#reset !== Step.NotWanted) return
    if (fin && this.#fin === Step.Sent) this.#fin = Step.Waiting
    if (length === 0 && !fin && this.#announced === Step.Sent) this.#announced = Step.Waiting
    let at = Math.max(offset, this.#buffer.start)
    const end = offset + length
    const acknowledged = this.#acknowledged
    while (at < end && acknowledged.seek(at) && acknowledged.foundStart < end) {
      this.#lost.add(at, acknowledged.foundStart)
      at = acknowledged.foundEnd
    }
    this.#lost.add(at, end)
  }

  #dropBuffer(): void {
    this.#lost.clear()
    this.#acknowledged.clear()
    this.#buffer.release(this.#buffer.end)
  }
}

/** Bytes: less than this of a longer range waits for the next packet instead of becoming a frame of its own. */
const SMALLEST_PIECE = 128
