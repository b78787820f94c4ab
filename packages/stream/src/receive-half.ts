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
import type { StreamLimits } from './limits.ts'
import type { MessageSlots } from './message-slots.ts'
import { type Queue, QueueNode } from './queue.ts'
import { ReceiveBuffer } from './receive-buffer.ts'
import type { ReceiveMemory } from './receive-memory.ts'
import { ReceiveWindow } from './receive-window.ts'
import { sentFrame } from './sent-frame.ts'
import type { SessionWindow } from './session-window.ts'
import { Step } from './step.ts'
import { EventBit, type StreamEvents } from './stream-events.ts'

/** The state that all receiving parts of a session share. */
export interface SharedReceiving {
  readonly limits: StreamLimits
  /** Bytes that this side allows on a new stream. */
  readonly firstWindow: number
  readonly sessionWindow: SessionWindow
  readonly memory: ReceiveMemory
  readonly slots: MessageSlots<ReceiveHalf>
  /** Receiving parts with STOP or MAX_STREAM_DATA to write. */
  readonly control: Queue<ReceiveHalf>
}

/**
 * The receiving part of a stream. It checks the peer's bytes against credit and final size, gives them to the application in
 * order, and grants credit for the bytes that the application took.
 */
export class ReceiveHalf {
  readonly buffer: ReceiveBuffer = new ReceiveBuffer()
  readonly #shared: SharedReceiving
  readonly #events: StreamEvents
  readonly #id: number
  readonly #window: ReceiveWindow
  /** Bytes of the first window, which the stream owns, whatever others hold. All window beyond it is lent. */
  readonly #first: number
  #lent = 0
  #highest = 0
  #finalSize = UNKNOWN
  #resetCode: number | undefined
  #stop: Step = Step.NotWanted
  #stopCode = 0
  #discarding = false
  #creditWaiting = false
  /** Whether the application asked for bytes when none were there. */
  #readerWaits = false
  #hasSlot = false
  /** Bytes of the message that waits for a slot. */
  #messageSize = 0
  #isAbandoned = false
  readonly #controlNode: QueueNode<ReceiveHalf> = new QueueNode<ReceiveHalf>(this)
  readonly #slotNode: QueueNode<ReceiveHalf> = new QueueNode<ReceiveHalf>(this)
  #bytesReceived = 0
  /** Cost of the buffer, as the session counts it. */
  #memory = 0
  /** Overhead of the buffer, as the session counts it. */
  #overhead = 0
  /** Gaps of the buffer, as the session counts them. */
  #gaps = 0

  constructor(shared: SharedReceiving, events: StreamEvents, id: number) {
    const { firstWindow, limits } = shared
    this.#shared = shared
    this.#events = events
    this.#id = id
    this.#window = new ReceiveWindow(firstWindow, limits.streamWindow, limits.maxStreamWindow)
    this.#first = firstWindow
  }

  /** Bytes that arrived in packets, including repeated ones. */
  get bytesReceived(): number {
    return this.#bytesReceived
  }

  /** Bytes of credit that the peer used and the application has not taken. */
  get outstanding(): number {
    return this.#highest - this.#window.consumed
  }

  /** Bytes that the peer may still send before it gets more credit. */
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

  /** Whether the peer has nothing more to send, and the application nothing more to read. */
  get isOver(): boolean {
    return this.#finalSize !== UNKNOWN && (this.#discarding || this.ended)
  }

  /** The code in the peer's RESET. */
  get resetCode(): number | undefined {
    return this.#resetCode
  }

  /** Whether the buffer should spend little memory. */
  get isTight(): boolean {
    return this.#shared.memory.isTight
  }

  /**
   * Bytes of a STREAM frame.
   *
   * @param owned whether `data` may be kept, because nothing else writes to its memory
   * @throws ProtocolError when the peer broke a rule
   */
  onData(offset: number, data: Uint8Array, fin: boolean, owned = false): void {
    const { sessionWindow, memory, limits } = this.#shared
    sessionWindow.use(this.#admit(offset + data.length, fin))
    this.recordReceivedBytes(data.length)
    if (this.#discarding) return this.#discard()
    const ready = this.buffer.readyOffset
    this.buffer.insert(offset, data, limits.maxGaps, owned, this.#window.limit, memory.isTight)
    this.#countMemory()
    memory.checkGaps()
    if (this.buffer.readyOffset > ready || (fin && this.isComplete)) this.#events.push(EventBit.Readable)
  }

  /**
   * The peer gave up its sending part.
   *
   * @throws ProtocolError when it broke a rule
   */
  onReset(code: number, finalSize: number): void {
    const isComplete = this.isComplete
    this.#shared.sessionWindow.use(this.#admit(finalSize, true))
    // spec: STT-STR-19
    if (isComplete && !this.#discarding) return
    if (!this.#discarding) {
      this.#resetCode = code
      this.#events.push(EventBit.Reset)
    }
    this.#discard()
  }

  /** Counts bytes that arrived in a packet. */
  recordReceivedBytes(length: number): void {
    this.#bytesReceived += length
  }

  /** The next bytes in order, as they arrived; `undefined` when there are none. */
  read(): Uint8Array<ArrayBuffer> | undefined {
    const bytes = this.buffer.read(this.isTight)
    if (bytes === undefined) this.wait()
    else this.consume(bytes.length)
    return bytes
  }

  /** Copies the next bytes in order to the start of `target`; returns how many. */
  readInto(target: Uint8Array): number {
    const count = Math.min(this.readable, target.length)
    if (count > 0) {
      this.buffer.readInto(target, 0, count, this.isTight)
      this.consume(count)
    } else if (target.length > 0) {
      this.wait()
    }
    return count
  }

  /** The application took `length` bytes out of the buffer: their credit goes back to the peer. */
  consume(length: number): void {
    this.#readerWaits = false
    this.#countMemory()
    this.#window.consume(length)
    this.#updateLent()
    this.#shared.sessionWindow.consume(length)
    this.#grantWhenDue()
  }

  /** The application asked for bytes and there were none. */
  wait(): void {
    if (this.#isAbandoned || this.isOver) return
    this.#readerWaits = true
    this.#grantWhenDue()
    this.#shared.sessionWindow.helpReader()
  }

  /** Whether the peer's credit covers a message of `length` bytes that begins at the next byte to read. */
  allows(length: number): boolean {
    return this.#window.limit - this.#window.consumed >= length
  }

  /** Takes a slot, and credit for a message of `length` bytes, or waits for both. Later calls for the same message do nothing. */
  takeSlot(length: number): void {
    const { slots } = this.#shared
    if (this.#hasSlot) return
    this.#messageSize = length
    if (!slots.take(this.#slotNode)) return
    this.#hasSlot = this.#extend(length)
    if (!this.#hasSlot) slots.putBack(this.#slotNode)
  }

  /** Gives the slot back, or stops waiting for one. */
  leaveSlot(): void {
    const { slots } = this.#shared
    slots.leave(this.#slotNode)
    if (this.#hasSlot) slots.release()
    this.#hasSlot = false
  }

  /** Whether there is credit now for the message that waits for a slot. */
  get canTakeSlot(): boolean {
    return this.#shared.sessionWindow.canLend(this.#wanted(this.#messageSize + this.#first), 'message')
  }

  /** Tells the reader that waits for a slot to try again. */
  wakeReader(): void {
    this.#shared.slots.leave(this.#slotNode)
    this.#events.push(EventBit.Readable)
  }

  /** Asks the peer to send no more, and drops what arrived and what still arrives. Without effect once it is over or dropped. */
  stop(code: number): void {
    if (this.isOver || this.#discarding) return
    this.#discard()
    if (this.#finalSize !== UNKNOWN) return
    this.#stop = Step.Waiting
    this.#stopCode = code
    this.#refreshControl()
  }

  /** The session ended: no more credit is granted. Bytes that arrived in order can still be read. */
  abandon(): void {
    this.#isAbandoned = true
    this.#refreshControl()
    this.#shared.slots.leave(this.#slotNode)
  }

  /** Writes STOP and MAX_STREAM_DATA, as far as they are due and fit. A frame that does not fit stays queued. */
  writeControl(buffer: Uint8Array, offset: number, limit: number, sent: SentFrame[], context: WriteContext): number {
    let at = offset
    if (this.#needsStop) at = this.#writeStop(buffer, at, limit, sent)
    if (this.#needsCredit) at = this.#writeCredit(buffer, at, limit, sent, context)
    this.#refreshControl()
    return at
  }

  loseStop(): void {
    if (this.#stop === Step.Sent) this.#stop = Step.Waiting
    this.#refreshControl()
  }

  /** A MAX_STREAM_DATA that granted `limit` was lost: it is sent again, unless a newer one makes up for it. */
  // spec: STT-STR-17
  loseCredit(limit: number): void {
    if (limit === this.#window.limit) this.#creditWaiting = true
    this.#refreshControl()
  }

  get #needsStop(): boolean {
    return this.#stop === Step.Waiting && this.#finalSize === UNKNOWN
  }

  get #needsCredit(): boolean {
    return this.#creditWaiting && this.#finalSize === UNKNOWN && !this.#discarding
  }

  #refreshControl(): void {
    const { control } = this.#shared
    if (!this.#isAbandoned && (this.#needsStop || this.#needsCredit)) control.push(this.#controlNode)
    else control.remove(this.#controlNode)
  }

  /**
   * Checks data or RESET that reaches up to `end` against credit and final size.
   *
   * @param final whether `end` is the final size
   * @returns bytes of session credit that it uses; 0 if they were counted before
   */
  #admit(end: number, final: boolean): number {
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
    const used = Math.max(0, end - this.#highest)
    this.#highest += used
    if (final) {
      this.#finalSize = end
      this.#updateLent()
      this.#refreshControl()
    }
    return used
  }

  /** Drops all bytes, now and from now on, and gives their credit back. */
  #discard(): void {
    const { outstanding } = this
    this.#discarding = true
    this.leaveSlot()
    this.buffer.clear()
    this.#countMemory()
    this.#window.consume(outstanding)
    this.#updateLent()
    this.#shared.sessionWindow.consume(outstanding)
    this.#refreshControl()
  }

  #countMemory(): void {
    const { cost, overhead, gaps } = this.buffer
    this.#shared.memory.change(cost - this.#memory, overhead - this.#overhead, gaps - this.#gaps)
    this.#memory = cost
    this.#overhead = overhead
    this.#gaps = gaps
  }

  /** Queues a grant of credit if half of the last grant is used up. */
  #grantWhenDue(): void {
    if (this.#window.isDue) this.#creditWaiting = true
    this.#refreshControl()
  }

  /** Lends the credit for a message of `length` bytes in one piece; returns whether there was enough. */
  // spec: STT-STR-23
  #extend(length: number): boolean {
    const window = length + this.#first
    const wanted = this.#wanted(window)
    if (this.#shared.sessionWindow.lendable(wanted, 'message') < wanted) return false
    this.#window.grant(window)
    this.#updateLent()
    this.#creditWaiting = true
    this.#refreshControl()
    return true
  }

  #writeStop(buffer: Uint8Array, offset: number, limit: number, sent: SentFrame[]): number {
    if (offset + stopSize(this.#id, this.#stopCode) > limit) return offset
    this.#stop = Step.Sent
    sent.push(sentFrame(FrameType.Stop, this.#id, 0, 0, false))
    return writeStop(buffer, offset, this.#id, this.#stopCode)
  }

  #writeCredit(buffer: Uint8Array, offset: number, limit: number, sent: SentFrame[], context: WriteContext): number {
    if (offset + maxStreamDataSize(this.#id, Number.MAX_SAFE_INTEGER) > limit) return offset
    this.#creditWaiting = false
    if (this.#window.isDue) this.#grant(context)
    const max = this.#window.limit
    sent.push(sentFrame(FrameType.MaxStreamData, this.#id, max, 0, false))
    return writeMaxStreamData(buffer, offset, this.#id, max)
  }

  #grant({ now, rtt }: WriteContext): void {
    const { sessionWindow } = this.#shared
    if (sessionWindow.mayGrow) this.#window.measure(rtt, now)
    const wanted = this.#wanted(this.#window.size)
    const missing = wanted - sessionWindow.lendable(wanted, this.#readerWaits ? 'waiting' : 'reading')
    // At least the first window remains, which the stream owns.
    this.#window.grant(this.#window.size - missing)
    this.#updateLent()
  }

  /** Bytes to lend before the stream has a window of this size. */
  #wanted(window: number): number {
    return Math.max(0, window - this.#first - this.#lent)
  }

  /** Tells the session's window how much of it the stream holds: what the peer may still send, and what was not read. */
  #updateLent(): void {
    const end = this.#finalSize === UNKNOWN ? this.#window.limit : this.#finalSize
    const lent = Math.max(0, end - this.#window.consumed - this.#first)
    if (lent === this.#lent) return
    this.#shared.sessionWindow.lend(lent - this.#lent)
    this.#lent = lent
  }
}

const UNKNOWN = -1
