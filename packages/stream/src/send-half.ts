import { SttError } from '@stt/errors'
import { FrameType, resetSize, type SentFrame, streamHeaderSize, writeReset, writeStreamHeader } from '@stt/frame'
import type { StreamLimits } from './limits.ts'
import { type Queue, QueueNode } from './queue.ts'
import { RangeSet } from './range-set.ts'
import type { Scheduler } from './scheduler.ts'
import { SendBuffer } from './send-buffer.ts'
import { sentFrame } from './sent-frame.ts'
import { type SessionSendCredit, WAKE_SHARE } from './session-send-credit.ts'
import { Step } from './step.ts'
import { EventBit, type StreamEvents } from './stream-events.ts'

/** The state that all sending parts of a session share. */
export interface SharedSending {
  readonly limits: StreamLimits
  /** Bytes that the peer allows on a new stream. */
  readonly firstLimit: number
  readonly credit: SessionSendCredit
  /** Sending parts with a STREAM frame to write. */
  readonly scheduler: Scheduler<SendHalf>
  /** Sending parts with a RESET to write. */
  readonly resets: Queue<SendHalf>
  /** Sending parts whose writer waits for session credit alone. */
  readonly blocked: Queue<SendHalf>
}

/**
 * The sending part of a stream. It takes from the application the bytes that credit allows, keeps them until the peer
 * acknowledges them, writes them in frames when its turn comes, and writes lost ones again.
 */
export class SendHalf {
  readonly #shared: SharedSending
  readonly #events: StreamEvents
  readonly #id: number
  readonly #priority: number
  readonly #buffer = new SendBuffer()
  /** The acknowledged ranges above the start of the buffer. */
  readonly #acknowledged = new RangeSet()
  readonly #lost = new RangeSet()
  #sent = 0
  #limit: number
  #fin: Step = Step.NotWanted
  #reset: Step = Step.NotWanted
  #resetCode = 0
  #stopCode: number | undefined
  /** Whether the peer knows of the stream: the first frame announces it. */
  #announced: Step
  /** Whether `write` took fewer bytes than it was given. */
  #writerWaits = false
  readonly #dataNode: QueueNode<SendHalf> = new QueueNode<SendHalf>(this)
  readonly #resetNode: QueueNode<SendHalf> = new QueueNode<SendHalf>(this)
  readonly #blockedNode: QueueNode<SendHalf> = new QueueNode<SendHalf>(this)
  #bytesSent = 0
  #bytesResent = 0

  /** @param isNew whether the stream has to be announced to the peer, by an empty frame if nothing is written */
  constructor(shared: SharedSending, events: StreamEvents, id: number, priority: number, isNew: boolean) {
    this.#shared = shared
    this.#events = events
    this.#id = id
    this.#priority = priority
    this.#limit = shared.firstLimit
    // spec: STT-STR-29
    this.#announced = isNew ? Step.Waiting : Step.NotWanted
    if (this.hasData) this.#schedule()
  }

  /** Bytes written so far. */
  get written(): number {
    return this.#buffer.end
  }

  /** Bytes that went into packets, repetitions included. */
  get bytesSent(): number {
    return this.#bytesSent
  }

  /** Bytes of `bytesSent` that were sent again after a loss. */
  get bytesResent(): number {
    return this.#bytesResent
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

  /** The code in the peer's STOP. */
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

  /** Bytes that `write` would take now. */
  get accepts(): number {
    if (this.ended) return 0
    return Math.max(0, Math.min(this.#credit, this.#room, this.#shared.credit.accepts))
  }

  /** @throws SttError when nothing can be written any more */
  assertWritable(): void {
    if (this.#stopCode !== undefined)
      throw new SttError('STT_STREAM_STOPPED', `the peer stopped reading this stream with code ${this.#stopCode}`, {
        details: { code: this.#stopCode },
      })
    if (this.ended) throw new SttError('STT_INVALID_STATE', 'this stream was ended or reset: open another one to write')
  }

  /** Copies what credit of stream and session and this side's limits allow; returns how much. `writable` follows for the rest. */
  // spec: STT-STR-11 STT-STR-25
  write(bytes: Uint8Array): number {
    if (bytes.length === 0) return 0
    const length = Math.min(bytes.length, this.accepts)
    if (length > 0) {
      this.#buffer.append(bytes, length)
      this.#shared.credit.accept(length)
      this.#schedule()
    }
    if (length === bytes.length) this.#waitNoMore()
    else this.#wait()
    return length
  }

  /** Ends the part with FIN after what was written. */
  end(): void {
    this.#waitNoMore()
    if (this.#fin === Step.NotWanted) this.#fin = Step.Waiting
    this.#schedule()
  }

  /** Drops everything that was not acknowledged. Without effect once the part is over or reset. */
  reset(code: number): void {
    if (this.isOver || this.isReset) return
    this.#shared.credit.refund(this.#buffer.end - this.#sent)
    this.#reset = Step.Waiting
    this.#resetCode = code
    this.#drop()
    this.#shared.resets.push(this.#resetNode)
  }

  /** The session ended: nothing is sent any more. */
  abandon(): void {
    if (!this.isOver) this.#reset = Step.Acknowledged
    this.#drop()
    this.#shared.resets.remove(this.#resetNode)
  }

  /** The peer asks for no more bytes. */
  onStop(code: number): void {
    if (this.isOver || this.isReset) return
    // spec: STT-STR-20
    this.#stopCode = code
    this.#events.push(EventBit.Stopped)
    this.reset(code)
  }

  /** The peer allows bytes up to `max`. */
  raiseLimit(max: number): void {
    if (this.ended || max <= this.#limit) return
    this.#limit = max
    if (this.#writerWaits) this.#tryAgain()
  }

  /** Tells the writer that waits to try again. */
  wakeWriter(): void {
    this.#waitNoMore()
    this.#events.push(EventBit.Writable)
  }

  /**
   * Writes one STREAM frame: lost bytes first, then new ones, with FIN at the end of the stream. The next stream of the same
   * priority has its turn afterwards.
   *
   * @returns the offset after it; `offset` when nothing worth a frame fits
   */
  writeFrame(buffer: Uint8Array, offset: number, limit: number, sent: SentFrame[]): number {
    const id = this.#id
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
    sent.push(sentFrame(fin ? FrameType.StreamFin : FrameType.Stream, id, start, length, fin))
    if (again) this.#lost.remove(start, end)
    if (end > this.#sent) this.#sent = end
    if (fin && this.#fin === Step.Waiting) this.#fin = Step.Sent
    if (this.#announced === Step.Waiting) this.#announced = Step.Sent
    this.recordSentBytes(length)
    if (again) this.#bytesResent += length
    if (this.hasData) this.#shared.scheduler.rotate(this.#dataNode, this.#priority)
    else this.#shared.scheduler.remove(this.#dataNode, this.#priority)
    return at + length
  }

  /** Writes RESET; returns `offset` when it does not fit. Its final size is what was sent, which the peer may have counted. */
  writeReset(buffer: Uint8Array, offset: number, limit: number, sent: SentFrame[]): number {
    if (offset + resetSize(this.#id, this.#resetCode, this.#sent) > limit) return offset
    this.#reset = Step.Sent
    this.#shared.resets.remove(this.#resetNode)
    sent.push(sentFrame(FrameType.Reset, this.#id, this.#sent, 0, false))
    return writeReset(buffer, offset, this.#id, this.#resetCode, this.#sent)
  }

  /** Counts bytes that went into a packet. */
  recordSentBytes(length: number): void {
    this.#bytesSent += length
  }

  /** The peer has a STREAM frame. */
  acknowledge(offset: number, length: number, fin: boolean): void {
    if (this.#reset !== Step.NotWanted) return
    const { delivered, buffered } = this
    if (fin) this.#fin = Step.Acknowledged
    this.#announced = Step.Acknowledged
    this.#lost.remove(offset, offset + length)
    this.#releaseUpTo(offset, offset + length)
    if (this.buffered < buffered) this.#released(buffered - this.buffered)
    // Bytes that counted as lost may be acknowledged after all.
    if (!this.hasData) this.#shared.scheduler.remove(this.#dataNode, this.#priority)
    if (this.delivered && !delivered) this.#events.push(EventBit.Delivered)
  }

  /** A STREAM frame was lost: queues the part of it that was not acknowledged in the meantime. */
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
    if (this.hasData) this.#shared.scheduler.addFirst(this.#dataNode, this.#priority)
  }

  acknowledgeReset(): void {
    this.#reset = Step.Acknowledged
    this.#shared.resets.remove(this.#resetNode)
  }

  loseReset(): void {
    if (this.#reset !== Step.Sent) return
    this.#reset = Step.Waiting
    this.#shared.resets.push(this.#resetNode)
  }

  /** Bytes that the credit of the stream still allows. */
  get #credit(): number {
    return this.#limit - this.#buffer.end
  }

  /** Bytes that this side's limit for a stream still allows. */
  get #room(): number {
    return this.#shared.limits.maxStreamSend - this.buffered
  }

  #schedule(): void {
    this.#shared.scheduler.add(this.#dataNode, this.#priority)
  }

  #releaseUpTo(start: number, end: number): void {
    const acknowledged = this.#acknowledged
    if (start > this.#buffer.start) {
      acknowledged.add(start, end)
      return
    }
    let to = Math.max(this.#buffer.start, end)
    while (!acknowledged.isEmpty && acknowledged.firstStart <= to) {
      to = Math.max(to, acknowledged.firstEnd)
      acknowledged.removeFirst()
    }
    this.#buffer.release(to)
  }

  /** `length` bytes were released from the buffer. */
  #released(length: number): void {
    this.#shared.credit.release(length)
    if (this.#writerWaits && this.#room >= this.#shared.limits.maxStreamSend * WAKE_SHARE) this.#tryAgain()
  }

  #tryAgain(): void {
    if (this.#credit > 0 && this.#shared.credit.canWake) this.wakeWriter()
    else this.#wait()
  }

  #wait(): void {
    this.#writerWaits = true
    if (this.#credit > 0 && this.#room > 0) this.#shared.blocked.push(this.#blockedNode)
  }

  #waitNoMore(): void {
    this.#writerWaits = false
    this.#shared.blocked.remove(this.#blockedNode)
  }

  /** Drops all bytes, and leaves the queues of those that write or send. */
  #drop(): void {
    this.#shared.credit.release(this.buffered)
    this.#lost.clear()
    this.#acknowledged.clear()
    this.#buffer.release(this.#buffer.end)
    this.#waitNoMore()
    this.#shared.scheduler.remove(this.#dataNode, this.#priority)
  }
}

/** Bytes: a smaller piece of a longer range waits for the next packet, instead of becoming a separate frame. */
const SMALLEST_PIECE = 128
