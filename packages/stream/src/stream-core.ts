import { FrameType, type SentFrame, type WriteContext } from '@stt/frame'
import { MessageReader } from './message-reader.ts'
import { QueueNode } from './queue.ts'
import type { ReceiveHalf } from './receive-half.ts'
import type { SendHalf } from './send-half.ts'
import type { SharedState } from './shared-state.ts'
import { Stream } from './stream.ts'
import { EventBit } from './stream-events.ts'
import { StreamWriter } from './stream-writer.ts'

/** One stream as the manager sees it: both halves, the peer's frames, and its places in the session's queues. */
export class StreamCore {
  readonly id: number
  readonly unidirectional: boolean
  readonly isLocal: boolean
  readonly priority: number
  readonly sending: SendHalf | undefined
  readonly receiving: ReceiveHalf | undefined
  readonly shared: SharedState
  readonly stream: Stream
  readonly eventNode: QueueNode<StreamCore> = new QueueNode<StreamCore>(this)
  readonly dataNode: QueueNode<StreamCore> = new QueueNode<StreamCore>(this)
  readonly controlNode: QueueNode<StreamCore> = new QueueNode<StreamCore>(this)
  readonly slotNode: QueueNode<StreamCore> = new QueueNode<StreamCore>(this)
  pendingEvents = 0
  bytesSent = 0
  bytesResent = 0
  bytesReceived = 0
  messagesSent = 0
  messagesReceived = 0
  /** Whether the application asked for bytes when none were there. */
  readerWaits = false
  /** Bytes of credit that a message needs, whose stream waits for a message slot. */
  messageNeeds = 0
  /** Why the stream or its session was taken down from this side, other than by the application's calls on it. */
  error: Error | undefined
  /** Whether anything happened since `isIdle` looked. */
  active = true
  #activeAt = 0
  #messages: MessageReader | undefined
  readonly #writer: StreamWriter | undefined
  #taken: boolean
  /** What the receive buffer costs, as the session knows it. */
  #memory = 0
  #overhead = 0
  #gaps = 0
  #over = false

  constructor(
    shared: SharedState,
    id: number,
    isLocal: boolean,
    priority: number,
    sending: SendHalf | undefined,
    receiving: ReceiveHalf | undefined,
  ) {
    this.shared = shared
    this.id = id
    this.unidirectional = sending === undefined || receiving === undefined
    this.isLocal = isLocal
    this.priority = priority
    this.sending = sending
    this.receiving = receiving
    this.#taken = isLocal
    this.#writer = sending === undefined ? undefined : new StreamWriter(this, sending)
    this.stream = new Stream(this)
  }

  get isOver(): boolean {
    return this.#over
  }

  /** Whether both directions were given up: all that is left is to let the peer know. */
  get isAbandoned(): boolean {
    return this.#taken && this.sending?.isReset !== false && this.receiving?.isDiscarding !== false
  }

  /** Of a stream that has a sending part. */
  get writer(): StreamWriter {
    return this.#writer!
  }

  get messages(): MessageReader {
    return (this.#messages ??= new MessageReader(this))
  }

  /**
   * @param lasting whether `data` may be kept
   * @throws ProtocolError when the peer broke a rule
   */
  onData(offset: number, data: Uint8Array, fin: boolean, lasting = false): void {
    const receiving = this.receiving!
    const { budget, memory, limits } = this.shared
    budget.use(receiving.admit(offset + data.length, fin))
    this.active = true
    this.stream.recordReceivedBytes(data.length)
    if (receiving.isDiscarding) {
      budget.consume(receiving.discard())
    } else {
      const ready = receiving.buffer.readyOffset
      receiving.buffer.insert(offset, data, limits.maxGaps, lasting, receiving.limit, memory.isTight)
      this.#countMemory()
      memory.checkGaps()
      if (receiving.buffer.readyOffset > ready || (fin && receiving.isComplete))
        this.shared.events.push(this, EventBit.Readable)
    }
    if (fin) this.#finalSizeKnown()
  }

  /** @throws ProtocolError when the peer broke a rule */
  onReset(code: number, finalSize: number): void {
    const receiving = this.receiving!
    const isComplete = receiving.isComplete
    this.shared.budget.use(receiving.admit(finalSize, true))
    this.active = true
    // spec: STT-STR-19
    if (isComplete && !receiving.isDiscarding) return
    if (!receiving.isDiscarding) {
      receiving.recordReset(code)
      this.shared.events.push(this, EventBit.Reset)
    }
    this.discard()
    this.#finalSizeKnown()
  }

  onStop(code: number): void {
    const sending = this.sending!
    this.active = true
    if (sending.isOver || sending.isReset) return
    // spec: STT-STR-20
    sending.recordStop(code)
    this.shared.events.push(this, EventBit.Stopped)
    this.resetSending(code)
  }

  onCredit(max: number): void {
    if (!this.sending!.ended) this.writer.onCredit(max)
  }

  acknowledged(offset: number, length: number, fin: boolean): void {
    const sending = this.sending!
    const before = sending.delivered
    const kept = sending.buffered
    sending.acknowledge(offset, length, fin)
    if (sending.buffered < kept) this.writer.onReleased(kept - sending.buffered)
    // What was taken for lost may be acknowledged after all.
    if (!sending.hasData) this.shared.scheduler.remove(this.dataNode, this.priority)
    if (!sending.delivered || before) return
    this.shared.events.push(this, EventBit.Delivered)
    this.settle()
  }

  /** A packet with a frame of this stream was lost. */
  lost(frame: SentFrame): void {
    if (frame.type === FrameType.Stream || frame.type === FrameType.StreamFin) {
      this.sending!.lose(frame.offset, frame.length, frame.fin)
      if (this.sending!.hasData) this.shared.scheduler.addFirst(this.dataNode, this.priority)
      return
    }
    if (frame.type === FrameType.Reset) this.sending!.loseReset()
    else if (frame.type === FrameType.Stop) this.receiving!.loseStop()
    else this.receiving!.loseCredit(frame.offset)
    this.#refreshControl()
  }

  resetSending(code: number): void {
    const { sendCredit } = this.shared
    sendCredit.release(this.sending!.buffered)
    sendCredit.giveBack(this.sending!.reset(code))
    this.shared.scheduler.remove(this.dataNode, this.priority)
    this.writer.leave()
    this.#refreshControl()
  }

  /** After the application read `length` bytes. */
  consumed(length: number): void {
    this.active = true
    this.readerWaits = false
    this.#countMemory()
    this.receiving!.consume(length)
    this.shared.budget.consume(length)
    this.#refreshControl()
    this.settle()
  }

  /** The application asked for bytes and there were none. */
  waits(): void {
    if (this.#over || this.receiving!.isOver) return
    this.readerWaits = true
    this.receiving!.grantWhenDue()
    this.#refreshControl()
    this.shared.budget.helpReader()
  }

  /** Drops what is buffered and all that will arrive. */
  discard(): void {
    this.#messages?.abandon()
    this.shared.budget.consume(this.receiving!.discard())
    this.#countMemory()
  }

  /** Bytes are read past a message that was begun: it is none any more. */
  leaveMessages(): void {
    this.#messages?.abandon()
  }

  /** Asks the peer to send no more. */
  stopReceiving(code: number): void {
    this.discard()
    this.receiving!.stop(code)
    this.#refreshControl()
    this.settle()
  }

  /** Takes a message slot and credit for a message of `length` bytes, or waits for both; returns whether there were. */
  takeSlot(length: number): boolean {
    const { slots } = this.shared
    this.messageNeeds = length
    if (!slots.take(this.slotNode)) return false
    if (this.receiving!.extend(length)) {
      this.#refreshControl()
      return true
    }
    slots.putBack(this.slotNode)
    return false
  }

  /** Whether a message slot and the credit would be there now. */
  get canTakeSlot(): boolean {
    return this.receiving!.canExtend(this.messageNeeds)
  }

  /** Writes RESET, STOP and MAX_STREAM_DATA as far as they are wanted and fit; what does not fit stays queued. */
  writeControl(buffer: Uint8Array, offset: number, limit: number, sent: SentFrame[], context: WriteContext): number {
    const { id, sending, receiving } = this
    let at = offset
    if (sending?.needsReset) at = sending.writeReset(id, buffer, at, limit, sent)
    if (receiving?.needsStop) at = receiving.writeStop(id, buffer, at, limit, sent)
    if (receiving?.needsCredit)
      at = receiving.writeCredit(id, buffer, at, limit, sent, context, this.readerWaits ? 'waiting' : 'reading')
    this.#refreshControl()
    return at
  }

  /** Writes one STREAM frame and gives others of the same priority their turn; `offset` when it does not fit. */
  writeData(buffer: Uint8Array, offset: number, limit: number, sent: SentFrame[]): number {
    const sending = this.sending!
    const unsent = sending.unsent
    const at = sending.writeFrame(this.id, buffer, offset, limit, sent)
    if (at === offset) return offset
    const { length } = sent[sent.length - 1]!
    this.stream.recordSentBytes(length)
    this.bytesResent += length - (unsent - sending.unsent)
    const { scheduler } = this.shared
    if (sending.hasData) scheduler.rotate(this.dataNode, this.priority)
    else scheduler.remove(this.dataNode, this.priority)
    return at
  }

  resetAcknowledged(): void {
    this.sending!.acknowledgeReset()
    this.#refreshControl()
    this.settle()
  }

  /** The application has the stream in hand: only then its end gives stream credit back. */
  take(): void {
    this.active = true
    if (this.#taken) return
    this.#taken = true
    this.settle()
  }

  /** Gives the stream up in both directions, with code 0 for the peer and `error` for the application. */
  abort(error: Error): void {
    this.error ??= error
    this.take()
    if (this.sending !== undefined && !this.sending.isOver && !this.sending.isReset) this.resetSending(0)
    if (this.receiving !== undefined && !this.receiving.isOver && !this.receiving.isDiscarding) this.stopReceiving(0)
    this.shared.events.push(this, EventBit.Readable | EventBit.Writable)
  }

  /** The session ended. What arrived completely stays readable. */
  fail(error: Error): void {
    this.error ??= error
    this.#over = true
    if (this.sending !== undefined) {
      this.shared.sendCredit.release(this.sending.buffered)
      this.sending.abandon()
    }
    this.#leaveQueues()
    this.shared.events.push(this, EventBit.Finished)
  }

  /** Forgets the stream when nothing more can happen to it. */
  settle(): void {
    if (this.#over || !this.#taken) return
    if (this.sending?.isOver === false || this.receiving?.isOver === false) return
    this.#over = true
    this.#leaveQueues()
    this.shared.release(this)
    this.shared.events.push(this, EventBit.Finished)
  }

  /** Whether nothing happened for `idle` milliseconds. Frames carry no time: what is new counts as from `now`. */
  isIdle(now: number, idle: number): boolean {
    if (this.active) {
      this.active = false
      this.#activeAt = now
    }
    return now - this.#activeAt >= idle
  }

  #countMemory(): void {
    const { buffer } = this.receiving!
    const { cost, overhead, gaps } = buffer
    this.shared.memory.change(cost - this.#memory, overhead - this.#overhead, gaps - this.#gaps)
    this.#memory = cost
    this.#overhead = overhead
    this.#gaps = gaps
  }

  #finalSizeKnown(): void {
    this.#refreshControl()
    this.settle()
  }

  #refreshControl(): void {
    const { sending, receiving, shared } = this
    if (!this.#over && (sending?.needsReset || receiving?.needsStop || receiving?.needsCredit))
      shared.control.push(this.controlNode)
    else shared.control.remove(this.controlNode)
  }

  #leaveQueues(): void {
    this.shared.scheduler.remove(this.dataNode, this.priority)
    this.shared.control.remove(this.controlNode)
    this.#writer?.leave()
    this.shared.slots.leave(this.slotNode)
  }
}
