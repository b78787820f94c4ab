import { bytesOf, checkInteger, SttError } from '@stt/errors'
import { MAX_VARINT } from '@stt/frame'
import type { StreamLimits } from './limits.ts'
import { MessageReader } from './message-reader.ts'
import { MessageWriter } from './message-writer.ts'
import type { Queue } from './queue.ts'
import { ReceiveHalf, type SharedReceiving } from './receive-half.ts'
import { SendHalf, type SharedSending } from './send-half.ts'
import type { StreamStatistics } from './statistics.ts'
import { EventBit, StreamEvents } from './stream-events.ts'

/** The state that all streams of a session share, and their calls to the manager. */
export interface SharedByStreams {
  readonly limits: StreamLimits
  /** Bytes of the largest message that the peer, and this side, accepts. */
  readonly maxMessage: { readonly send: number; readonly receive: number }
  readonly sending: SharedSending
  readonly receiving: SharedReceiving
  /** Streams with events that wait to be polled. */
  readonly events: Queue<StreamEvents>
  /** Called at the end of a call from the application: tells the driver if there is work. */
  wake(): void
  /** Called once for each stream, when both of its parts are over and the application has claimed it. */
  release(stream: StreamEngine): void
}

/**
 * The engine of one stream: an ordered, flow-controlled sequence of bytes in each of its directions. No call waits: it does
 * what can be done now, and an event of the manager says when to try again.
 */
export class StreamEngine {
  /** Stream id, unique in its session. */
  readonly id: number
  /** Whether this side opened it. */
  readonly isLocal: boolean
  /** Whether it has one direction only, from the side that opened it. */
  readonly unidirectional: boolean
  /** 0 (sent last) to 7 (sent first). */
  readonly priority: number
  /** @internal */
  readonly sending: SendHalf | undefined
  /** @internal */
  readonly receiving: ReceiveHalf | undefined
  /** @internal */
  readonly events: StreamEvents
  readonly #shared: SharedByStreams
  /** Made when a message is written. */
  #messageWriter: MessageWriter | undefined
  /** Made when a message is read. */
  #messageReader: MessageReader | undefined
  #claimed: boolean
  #over = false
  #error: Error | undefined
  /** Whether anything happened since `isExpired` looked. */
  #active = true
  #activeAt = 0

  /** @internal */
  constructor(shared: SharedByStreams, id: number, isLocal: boolean, unidirectional: boolean, priority: number) {
    this.id = id
    this.isLocal = isLocal
    this.unidirectional = unidirectional
    this.priority = priority
    this.events = new StreamEvents(this, shared.events)
    this.sending =
      isLocal || !unidirectional ? new SendHalf(shared.sending, this.events, id, priority, isLocal) : undefined
    this.receiving = isLocal && unidirectional ? undefined : new ReceiveHalf(shared.receiving, this.events, id)
    this.#shared = shared
    this.#claimed = isLocal
  }

  /** Whether `read` can ever return bytes: false for a one-way stream that this side opened. */
  get isReadable(): boolean {
    return this.receiving !== undefined
  }

  /** Whether `write` can ever accept bytes: false for a one-way stream that the peer opened. */
  get isWritable(): boolean {
    return this.sending !== undefined
  }

  /** Why the manager ended the stream: its session ended, it expired, or it was closed. `undefined` before. */
  get error(): Error | undefined {
    return this.#error
  }

  /**
   * Copies as much from the start of `bytes` as the credit of stream and session allows. If that is not all, a `writable`
   * event follows.
   *
   * @param bytes a `Uint8Array`, any other view, or an `ArrayBuffer`, by the bytes it covers
   * @returns the number of bytes accepted; pass the rest to a later call
   * @throws SttError `STT_STREAM_STOPPED` when the peer stopped reading, `STT_INVALID_STATE` after `end` or `reset`,
   * `STT_INVALID_ARGUMENT` unless `bytes` are bytes
   */
  write(bytes: Uint8Array): number {
    const view = bytesOf(bytes, 'what is written')
    const sending = this.#toWrite()
    sending.assertWritable()
    if (this.#messageWriter?.isInside)
      throw invalidState('a message is written by half: call writeMessage with it again first')
    const accepted = sending.write(view)
    this.#shared.wake()
    return accepted
  }

  /**
   * Writes `message` with its length before it.
   *
   * @returns whether all of it was accepted. If not, call again with the same bytes after `writable`; nothing else can be
   * written in between
   * @throws SttError `STT_MESSAGE_TOO_LARGE` above the peer's `maxMessage`, `STT_INVALID_ARGUMENT` when the rest of a message
   * comes with another length (its memory was transferred or has shrunk: only `reset` is left then), and the errors of
   * `write`
   */
  writeMessage(message: Uint8Array): boolean {
    const bytes = bytesOf(message, 'the message')
    const sending = this.#toWrite()
    sending.assertWritable()
    this.#messageWriter ??= new MessageWriter(sending, this.#shared.maxMessage.send)
    const isWhole = this.#messageWriter.write(bytes)
    this.#shared.wake()
    return isWhole
  }

  /** Bytes that `write` would accept now. */
  get writableBytes(): number {
    return this.sending?.accepts ?? 0
  }

  /** Whether the sending part was ended or reset, by this side or in answer to the peer's STOP. */
  get writableEnded(): boolean {
    return this.sending?.ended ?? true
  }

  /** Whether the peer acknowledged every byte and FIN. */
  get delivered(): boolean {
    return this.sending?.delivered ?? false
  }

  /** The code with which the peer stopped reading. */
  get stopCode(): number | undefined {
    return this.sending?.stopCode
  }

  /**
   * Ends the sending part with FIN after what was written. Calling it again changes nothing.
   *
   * @throws SttError `STT_STREAM_STOPPED` when the peer stopped reading, `STT_INVALID_STATE` after `reset`
   */
  end(): void {
    const sending = this.#toWrite()
    if (sending.ended && !sending.isReset) return
    sending.assertWritable()
    if (this.#messageWriter?.isInside)
      throw invalidState('a message is written by half: finish it, or reset the stream')
    sending.end()
    this.#shared.wake()
  }

  /**
   * Gives up the sending part: drops what the peer has not acknowledged, and tells it `code`. Without effect once everything
   * was delivered or reset.
   *
   * @param code the application's own, from 0 to 2^53 - 1
   */
  reset(code: number): void {
    assertCode(code)
    const { sending } = this
    if (sending === undefined) throw invalidState('this stream only receives: use stop')
    this.#claim()
    sending.reset(code)
    this.#shared.wake()
  }

  /**
   * Asks the peer to send no more, and drops what arrived and what still arrives. Without effect when everything was read or
   * the peer has reset the stream.
   *
   * @param code the application's own, from 0 to 2^53 - 1
   */
  stop(code: number): void {
    assertCode(code)
    const { receiving } = this
    if (receiving === undefined) throw invalidState('this stream only sends: use reset')
    this.#claim()
    receiving.stop(code)
    this.#called()
  }

  /**
   * The next bytes in order, as they arrived. They belong to the caller, and their credit goes back to the peer.
   * `undefined` when there are none: `readableEnded`, `resetCode`, `isStopped` and `error` say why.
   */
  read(): Uint8Array<ArrayBuffer> | undefined {
    const receiving = this.#toRead()
    this.#messageReader?.abandon()
    const bytes = receiving.read()
    this.#called()
    return bytes
  }

  /**
   * Copies the next bytes in order to the start of `target`, as many as there are and fit. Their credit goes back to the
   * peer.
   *
   * @returns the number of bytes copied
   */
  readInto(target: Uint8Array): number {
    const receiving = this.#toRead()
    this.#messageReader?.abandon()
    const count = receiving.readInto(target)
    this.#called()
    return count
  }

  /**
   * The next message that the peer wrote with `writeMessage`; `undefined` while it has not arrived or waits for one of the
   * session's slots: `readable` says when to ask again.
   *
   * @throws ProtocolError when the length is malformed or above this side's `maxMessage`: close the session with its
   * `closeCode`
   * @throws SttError `STT_TRUNCATED` when the stream ends inside a message
   */
  readMessage(): Uint8Array<ArrayBuffer> | undefined {
    const receiving = this.#toRead()
    this.#messageReader ??= new MessageReader(receiving, this.#shared.maxMessage.receive)
    try {
      return this.#messageReader.read()
    } finally {
      this.#called()
    }
  }

  /** Whether this side stopped reading: `read` returns no more bytes. */
  get isStopped(): boolean {
    const { receiving } = this
    return receiving?.isDiscarding === true && receiving.resetCode === undefined
  }

  /** Whether every byte up to the peer's FIN was read. */
  get readableEnded(): boolean {
    return this.receiving?.ended ?? true
  }

  /** The code with which the peer gave up its sending part. */
  get resetCode(): number | undefined {
    return this.receiving?.resetCode
  }

  /** Bytes that the peer may still send before credit comes back. */
  get receiveWindow(): number {
    return this.receiving?.receiveWindow ?? 0
  }

  /** Bytes that arrived in order and were not read. */
  get bufferedBytes(): number {
    return this.receiving?.readable ?? 0
  }

  /**
   * Says that the application has the stream in hand. Only a claimed stream gives its place in the peer's stream limit back
   * when it is over. Reading, writing, `reset` and `stop` claim it too; a stream that this side opened is claimed already.
   */
  // spec: STT-STR-5
  claim(): void {
    this.#claim()
    this.#shared.wake()
  }

  /**
   * Takes bytes as the STREAM frames of the peer bring them; `bytes` is copied.
   *
   * @throws ProtocolError when they break a rule: credit, final size, gaps
   * @throws SttError `STT_INVALID_STATE` on a stream that only sends
   */
  handleIncoming(offset: number, bytes: Uint8Array, fin: boolean): void {
    checkInteger(offset, 'the offset', 0, MAX_VARINT)
    const view = bytesOf(bytes, 'what arrived')
    if (this.receiving === undefined) throw invalidState(ONLY_SENDS)
    this.touch()
    this.receiving.onData(offset, view, fin)
    this.settle()
  }

  /** Counts bytes of stream data that went into packets. */
  recordSentBytes(length: number): void {
    this.sending?.recordSentBytes(length)
  }

  /** Counts bytes of stream data that arrived in packets, including repeated ones. */
  recordReceivedBytes(length: number): void {
    this.receiving?.recordReceivedBytes(length)
  }

  /**
   * Whether the stream was idle for `limits.streamIdle` milliseconds; always false without that limit. Activity since the
   * last call counts as if it happened at `now`, because frames carry no time.
   */
  isExpired(now: number): boolean {
    const { streamIdle } = this.#shared.limits
    if (streamIdle === 0 || this.#over) return false
    if (this.#active) {
      this.#active = false
      this.#activeAt = now
    }
    return now - this.#activeAt >= streamIdle
  }

  /** The stream at this moment. */
  getStatistics(): StreamStatistics {
    const { sending, receiving } = this
    return Object.freeze({
      id: this.id,
      priority: this.priority,
      bytesWritten: sending?.written ?? 0,
      bytesSent: sending?.bytesSent ?? 0,
      bytesResent: sending?.bytesResent ?? 0,
      bytesReceived: receiving?.bytesReceived ?? 0,
      bytesRead: receiving?.buffer.readOffset ?? 0,
      messagesSent: this.#messageWriter?.count ?? 0,
      messagesReceived: this.#messageReader?.count ?? 0,
      sendBuffered: sending?.buffered ?? 0,
      receiveBuffered: receiving?.outstanding ?? 0,
      receiveMemory: receiving?.buffer.cost ?? 0,
      receiveWindow: receiving?.windowSize ?? 0,
      gaps: receiving?.buffer.gaps ?? 0,
    })
  }

  /** @internal Whether both directions were given up: all that is left is to let the peer know. */
  get isAbandoned(): boolean {
    return this.#claimed && this.sending?.isReset !== false && this.receiving?.isDiscarding !== false
  }

  /** @internal Something happened: the stream is not idle. */
  touch(): void {
    this.#active = true
  }

  /** @internal Called after anything that may have ended a part: the manager then forgets a stream that is over. */
  settle(): void {
    if (this.#over || !this.#claimed) return
    if (this.sending?.isOver === false || this.receiving?.isOver === false) return
    this.#over = true
    this.#shared.release(this)
    this.events.push(EventBit.Finished)
  }

  /** @internal Gives the stream up in both directions, with code 0 for the peer and `error` for the application. */
  abort(error: Error): void {
    this.#error ??= error
    this.#claim()
    this.sending?.reset(0)
    this.receiving?.stop(0)
    this.settle()
    this.events.push(EventBit.Readable | EventBit.Writable)
  }

  /** @internal The session ended. What arrived completely stays readable. */
  fail(error: Error): void {
    this.#error ??= error
    this.#over = true
    this.sending?.abandon()
    this.receiving?.abandon()
    this.events.push(EventBit.Finished)
  }

  #toWrite(): SendHalf {
    const { sending } = this
    if (sending === undefined) throw invalidState('this stream was opened by the peer for one way: it only receives')
    this.#claim()
    // A stream that was over before it was claimed gives its place back now, although nothing can be written.
    if (sending.ended) this.#shared.wake()
    if (this.#error !== undefined) throw this.#error
    return sending
  }

  #toRead(): ReceiveHalf {
    const { receiving } = this
    if (receiving === undefined) throw invalidState(ONLY_SENDS)
    this.#claim()
    return receiving
  }

  /** The application has the stream in hand: only then its end gives stream credit back. */
  #claim(): void {
    this.touch()
    if (this.#claimed) return
    this.#claimed = true
    this.settle()
  }

  /** The end of a call from the application that may have ended the receiving part. */
  #called(): void {
    this.settle()
    this.#shared.wake()
  }
}

const ONLY_SENDS = 'this stream was opened for one way: it only sends'

function assertCode(code: number): void {
  checkInteger(code, 'code', 0, MAX_VARINT)
}

function invalidState(message: string): SttError {
  return new SttError('STT_INVALID_STATE', message)
}
