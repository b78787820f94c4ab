import {
  CloseCode,
  FrameType,
  maxStreamDataSize,
  ProtocolError,
  type SentFrame,
  stopSize,
  writeMaxStreamData,
  writeStop,
} from '@stt/frame'
import type { CreditWindow } from './credit-window.ts'
import { ReceiveBuffer } from './receive-buffer.ts'
import { sentFrame } from './sent-frame.ts'
import { Step } from './step.ts'

/** The receiving part of a stream: its bytes, its credit, its final size and how it ends. */
export class ReceiveHalf {
  readonly buffer: ReceiveBuffer = new ReceiveBuffer()
  readonly #window: CreditWindow
  #highest = 0
  #finalSize = UNKNOWN
  #resetCode: number | undefined
  #stop: Step = Step.NotWanted
  #stopCode = 0
  #discarding = false
  #creditWaiting = false

  constructor(window: CreditWindow) {
    this.#window = window
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
    return used
  }

  /** Takes note of bytes that the application took. */
  consume(length: number): void {
    if (this.#window.consume(length)) this.#creditWaiting = true
  }

  /** Drops what is buffered and all that comes; returns the credit that this gives back. */
  discard(): number {
    this.#discarding = true
    this.buffer.clear()
    const outstanding = this.outstanding
    this.#window.consume(outstanding)
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

  /** Writes MAX_STREAM_DATA; returns `offset` when it does not fit. */
  writeCredit(
    id: number,
    buffer: Uint8Array,
    offset: number,
    limit: number,
    sent: SentFrame[],
    now: number,
    rtt: number,
  ): number {
    if (offset + maxStreamDataSize(id, Number.MAX_SAFE_INTEGER) > limit) return offset
    this.#creditWaiting = false
    const max = this.#window.grant(now, rtt)
    sent.push(sentFrame(FrameType.MaxStreamData, id, max, 0, false))
    return writeMaxStreamData(buffer, offset, id, max)
  }
}

const UNKNOWN = -1
