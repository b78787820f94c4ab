import {
  CloseCode,
  FrameType,
  maxStreamDataSize,
  ProtocolError,
  type SentFrame,
  stopSize,
  type WriteContext,
  writeMaxStreamData,
  writeStop,
} from '@stt/frame'
import type { CreditWindow } from './credit-window.ts'
import type { ReceiveBudget, Use } from './receive-budget.ts'
import { ReceiveBuffer } from './receive-buffer.ts'
import { sentFrame } from './sent-frame.ts'
import { Step } from './step.ts'

/** The receiving part of a stream: its bytes, its credit, its final size and how it ends. */
export class ReceiveHalf {
  readonly buffer: ReceiveBuffer = new ReceiveBuffer()
  readonly #window: CreditWindow
  readonly #budget: ReceiveBudget
  /** Bytes of window that the stream owns and gets again whatever others hold: what it has beyond them is lent. */
  readonly #first: number
  #lent = 0
  #highest = 0
  #finalSize = UNKNOWN
  #resetCode: number | undefined
  #stop: Step = Step.NotWanted
  #stopCode = 0
  #discarding = false
  #creditWaiting = false

  constructor(window: CreditWindow, budget: ReceiveBudget) {
    this.#window = window
    this.#budget = budget
    this.#first = window.limit
  }

  /** Bytes of credit that the peer used and the application has not taken. */
  get outstanding(): number {
    return this.#highest - this.#window.consumed
  }

  /** Bytes that the peer may send beyond what it has sent so far. */
  get receiveWindow(): number {
    return this.#window.limit - this.#highest
  }

  get windowSize(): number {
    return this.#window.size
  }

  /** Offset up to which the peer may send. */
  get limit(): number {
    return this.#window.limit
  }

  /** Bytes that arrived in order and can be read. */
  get readable(): number {
    return this.buffer.readyOffset - this.buffer.readOffset
  }

  /** Whether every byte up to FIN arrived, read or not. */
  get isComplete(): boolean {
    return this.#finalSize !== UNKNOWN && this.buffer.readyOffset === this.#finalSize
  }

  /** Whether the application read every byte up to FIN. */
  get ended(): boolean {
    return !this.#discarding && this.buffer.readOffset === this.#finalSize
  }

  get isDiscarding(): boolean {
    return this.#discarding
  }

  /** Whether nothing more is expected from the peer or owed to the application. */
  get isOver(): boolean {
    return this.#finalSize !== UNKNOWN && (this.#discarding || this.ended)
  }

  /** The code of the peer's RESET. */
  get resetCode(): number | undefined {
    return this.#resetCode
  }

  get needsStop(): boolean {
    return this.#stop === Step.Waiting && this.#finalSize === UNKNOWN
  }

  get needsCredit(): boolean {
    return this.#creditWaiting && this.#finalSize === UNKNOWN && !this.#discarding
  }

  /**
   * Checks data or RESET that reaches up to `end` against credit and final size.
   *
   * @param final whether `end` is the final size
   * @returns bytes of session credit that it uses, 0 for what was counted before
   */
  admit(end: number, final: boolean): number {
    // spec: STT-STR-12
    if (end > this.#window.limit)
      throw new ProtocolError(CloseCode.FlowControl, 'the peer sent more than the credit of the stream allows', {
        rule: 'stream-credit',
      })
    // spec: STT-STR-13
    const known = this.#finalSize !== UNKNOWN
    if (known ? end > this.#finalSize || (final && end !== this.#finalSize) : final && end < this.#highest)
      throw new ProtocolError(CloseCode.FinalSize, 'the peer changed the final size of a stream', {
        rule: 'final-size',
      })
    if (final) this.#finalSize = end
    const used = Math.max(0, end - this.#highest)
    this.#highest += used
    if (final) this.#settle()
    return used
  }

  /** Takes note of bytes that the application took. */
  consume(length: number): void {
    this.#window.consume(length)
    this.#settle()
    this.grantWhenDue()
  }

  /** Has credit granted when half of the last is used up, or there never was any. */
  grantWhenDue(): void {
    if (this.#window.isDue) this.#creditWaiting = true
  }

  /** Whether the peer may send up to `end`, or now may: one message can have that much lent at once. */
  // spec: STT-STR-23
  extend(length: number): boolean {
    const window = length + this.#first
    const wanted = this.#wanted(window)
    if (this.#budget.lendable(wanted, 'message') < wanted) return false
    this.#window.grant(window)
    this.#settle()
    this.#creditWaiting = true
    return true
  }

  /** Whether `extend` would succeed. */
  canExtend(length: number): boolean {
    return this.#budget.canLend(this.#wanted(length + this.#first), 'message')
  }

  /** Whether the peer may send `length` bytes above what was read. */
  allows(length: number): boolean {
    return this.#window.limit - this.#window.consumed >= length
  }

  /** Drops what is buffered and all that comes; returns the credit that this gives back. */
  discard(): number {
    this.#discarding = true
    this.buffer.clear()
    const outstanding = this.outstanding
    this.#window.consume(outstanding)
    this.#settle()
    return outstanding
  }

  recordReset(code: number): void {
    this.#resetCode = code
  }

  stop(code: number): void {
    if (this.#finalSize !== UNKNOWN) return
    this.#stop = Step.Waiting
    this.#stopCode = code
  }

  loseStop(): void {
    if (this.#stop === Step.Sent) this.#stop = Step.Waiting
  }

  /** @param limit what the lost MAX_STREAM_DATA granted: a newer one makes up for it */
  // spec: STT-STR-17
  loseCredit(limit: number): void {
    if (limit === this.#window.limit) this.#creditWaiting = true
  }

  /** Writes STOP; returns `offset` when it does not fit. */
  writeStop(id: number, buffer: Uint8Array, offset: number, limit: number, sent: SentFrame[]): number {
    if (offset + stopSize(id, this.#stopCode) > limit) return offset
    this.#stop = Step.Sent
    sent.push(sentFrame(FrameType.Stop, id, 0, 0, false))
    return writeStop(buffer, offset, id, this.#stopCode)
  }

  /**
   * Writes MAX_STREAM_DATA; returns `offset` when it does not fit.
   *
   * @param use what the window is lent for, as far as it is not the stream's own
   */
  writeCredit(
    id: number,
    buffer: Uint8Array,
    offset: number,
    limit: number,
    sent: SentFrame[],
    { now, rtt }: WriteContext,
    use: Use,
  ): number {
    if (offset + maxStreamDataSize(id, Number.MAX_SAFE_INTEGER) > limit) return offset
    this.#creditWaiting = false
    if (this.#window.isDue) this.#grant(now, rtt, use)
    const max = this.#window.limit
    sent.push(sentFrame(FrameType.MaxStreamData, id, max, 0, false))
    return writeMaxStreamData(buffer, offset, id, max)
  }

  #grant(now: number, rtt: number, use: Use): void {
    if (this.#budget.mayGrow) this.#window.measure(now, rtt)
    const wanted = this.#wanted(this.#window.size)
    const missing = wanted - this.#budget.lendable(wanted, use)
    // At least the first window is left, which the stream owns.
    this.#window.grant(this.#window.size - missing)
    this.#settle()
  }

  /** Bytes to lend before the stream has a window of this size. */
  #wanted(window: number): number {
    return Math.max(0, window - this.#first - this.#lent)
  }

  /** Tells the budget what the stream holds of it: what the peer may still send and what was not read. */
  #settle(): void {
    const end = this.#finalSize === UNKNOWN ? this.#window.limit : this.#finalSize
    const lent = Math.max(0, end - this.#window.consumed - this.#first)
    if (lent === this.#lent) return
    this.#budget.lend(lent - this.#lent)
    this.#lent = lent
  }
}

const UNKNOWN = -1
