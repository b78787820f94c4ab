import { bytesOf, checkInteger, SttError } from '@stt/errors'
import { MAX_VARINT } from '@stt/frame'
import { MessageWriter } from './message-writer.ts'
import type { ReceiveHalf } from './receive-half.ts'
import type { SendHalf } from './send-half.ts'
import type { StreamStatistics } from './statistics.ts'
import type { StreamCore } from './stream-core.ts'

/**
 * An ordered, flow-controlled sequence of bytes in each direction it has. Nothing here waits: what cannot be done now
 * returns at once, and an event of the manager says when to try again.
 */
export class Stream {
  readonly id: number
  /** Whether it has one direction only: from the side that opened it. */
  readonly unidirectional: boolean
  readonly #core: StreamCore
  /** Made for streams that carry messages. */
  #messages: MessageWriter | undefined

  /** @internal */
  constructor(core: StreamCore) {
    this.#core = core
    this.id = core.id
    this.unidirectional = core.unidirectional
  }

  /** Whether this side opened it. */
  get isLocal(): boolean {
    return this.#core.isLocal
  }

  /** 0 (sent last) to 7 (sent first). */
  get priority(): number {
    return this.#core.priority
  }

  /** Whether `read` can ever give anything: not on a one-way stream of our own. */
  get isReadable(): boolean {
    return this.#core.receiving !== undefined
  }

  /** Whether `write` can ever take anything: not on a one-way stream of the peer's. */
  get isWritable(): boolean {
    return this.#core.sending !== undefined
  }

  /** Why the manager took the stream down: its session ended, it expired or was closed. `undefined` before. */
  get error(): Error | undefined {
    return this.#core.error
  }

  /**
   * Copies as much of the start of `bytes` as the credit of stream and session accept. After fewer than all were
   * accepted a `writable` event follows.
   *
   * @param bytes a `Uint8Array`, any other view, or an `ArrayBuffer`, by the bytes it covers
   * @returns how many bytes were accepted; the rest is for a later call
   * @throws SttError `STT_STREAM_STOPPED` when the peer stopped reading, `STT_INVALID_STATE` after `end` or `reset`,
   * `STT_INVALID_ARGUMENT` for what is no bytes
   */
  write(bytes: Uint8Array): number {
    const view = bytesOf(bytes, 'what is written')
    const sending = this.#sending()
    sending.assertWritable()
    if (this.#messages?.isInside)
      throw invalidState('a message is written by half: call writeMessage with it again first')
    const accepted = this.#core.writer.accept(view)
    this.#core.shared.wake()
    return accepted
  }

  /**
   * Writes `message` with its length before it. When it returns `false`, call it with the same bytes again after
   * `writable`; nothing else can be written between.
   *
   * @throws SttError `STT_MESSAGE_TOO_LARGE` above the peer's `maxMessage`, `STT_INVALID_ARGUMENT` when a message that
   * is written by half comes with another length (its memory was transferred or has shrunk: only `reset` is left
   * then), and what `write` throws
   */
  writeMessage(message: Uint8Array): boolean {
    const bytes = bytesOf(message, 'the message')
    const sending = this.#sending()
    sending.assertWritable()
    this.#messages ??= new MessageWriter(this.#core)
    const isWhole = this.#messages.accept(bytes)
    this.#core.shared.wake()
    return isWhole
  }

  /** Bytes that `write` would accept now. */
  get writableBytes(): number {
    const { sending, writer } = this.#core
    return sending === undefined || sending.ended ? 0 : writer.accepts
  }

  /** Whether the sending part was ended or reset, by this side or in answer to the peer's STOP. */
  get writableEnded(): boolean {
    return this.#core.sending?.ended ?? true
  }

  /** Whether the peer acknowledged every byte and FIN. */
  get delivered(): boolean {
    return this.#core.sending?.delivered ?? false
  }

  /** The code with which the peer stopped reading. */
  get stopCode(): number | undefined {
    return this.#core.sending?.stopCode
  }

  /**
   * Ends the sending part with FIN after what was written. Calling it again changes nothing.
   *
   * @throws SttError `STT_STREAM_STOPPED` when the peer stopped reading, `STT_INVALID_STATE` after `reset`
   */
  end(): void {
    const sending = this.#sending()
    if (sending.ended && !sending.isReset) return
    sending.assertWritable()
    if (this.#messages?.isInside) throw invalidState('a message is written by half: finish it, or reset the stream')
    this.#core.writer.end()
    this.#core.shared.wake()
  }

  /**
   * Gives up the sending part: what the peer has not acknowledged is dropped and the peer learns `code`. Without
   * effect once everything was delivered or reset.
   *
   * @param code the application's own, from 0 to 2^53 - 1
   */
  reset(code: number): void {
    assertCode(code)
    const { sending } = this.#core
    if (sending === undefined) throw invalidState('this stream only receives: use stop')
    this.#core.take()
    if (!sending.isOver && !sending.isReset) this.#core.resetSending(code)
    this.#core.shared.wake()
  }

  /**
   * Asks the peer to send no more, drops what arrived and will arrive. Without effect when everything was read or the
   * peer has reset the stream.
   *
   * @param code the application's own, from 0 to 2^53 - 1
   */
  stop(code: number): void {
    assertCode(code)
    const { receiving } = this.#core
    if (receiving === undefined) throw invalidState('this stream only sends: use reset')
    this.#core.take()
    if (!receiving.isOver && !receiving.isDiscarding) this.#core.stopReceiving(code)
    this.#core.shared.wake()
  }

  /**
   * The next bytes in order, as large as they arrived, which are the caller's from then on; their credit goes back
   * to the peer. `undefined` when none are there: see `readableEnded`, `resetCode`, `isStopped`, `error`.
   */
  read(): Uint8Array<ArrayBuffer> | undefined {
    const core = this.#core
    const receiving = this.#receiving()
    const bytes = receiving.buffer.read(core.shared.memory.isTight)
    core.leaveMessages()
    if (bytes === undefined) core.waits()
    else core.consumed(bytes.length)
    core.shared.wake()
    return bytes
  }

  /**
   * Copies the next bytes in order to the start of `target`, as many as are there and fit; their credit goes back to
   * the peer.
   *
   * @returns how many bytes were copied
   */
  readInto(target: Uint8Array): number {
    const core = this.#core
    const receiving = this.#receiving()
    const count = Math.min(receiving.readable, target.length)
    core.leaveMessages()
    if (count > 0) {
      receiving.buffer.readInto(target, 0, count, core.shared.memory.isTight)
      core.consumed(count)
    } else if (target.length > 0) {
      core.waits()
    }
    core.shared.wake()
    return count
  }

  /**
   * The next message that the peer wrote with `writeMessage`; `undefined` when it has not arrived or waits for one
   * of the session's slots: `readable` says when to ask again.
   *
   * @throws ProtocolError when the length is malformed or above our `maxMessage`: the session has to be closed with it
   * @throws SttError `STT_TRUNCATED` when the stream ends inside a message
   */
  readMessage(): Uint8Array<ArrayBuffer> | undefined {
    const core = this.#core
    const receiving = this.#receiving()
    try {
      const message = receiving.isDiscarding ? undefined : core.messages.read()
      if (message === undefined) core.waits()
      return message
    } finally {
      core.shared.wake()
    }
  }

  /** Whether this side stopped reading, so that `read` gives nothing any more. */
  get isStopped(): boolean {
    const { receiving } = this.#core
    return receiving?.isDiscarding === true && receiving.resetCode === undefined
  }

  /** Whether every byte up to the peer's FIN was read. */
  get readableEnded(): boolean {
    return this.#core.receiving?.ended ?? true
  }

  /** The code with which the peer gave up its sending part. */
  get resetCode(): number | undefined {
    return this.#core.receiving?.resetCode
  }

  /** Bytes that the peer may still send before credit comes back. */
  get receiveWindow(): number {
    return this.#core.receiving?.receiveWindow ?? 0
  }

  /** Bytes that arrived in order and were not read. */
  get bufferedBytes(): number {
    return this.#core.receiving?.readable ?? 0
  }

  /** Whether nothing that arrived waits to be read, in order or not. */
  get isReceiveBufferEmpty(): boolean {
    const { receiving } = this.#core
    return receiving === undefined || (receiving.readable === 0 && receiving.buffer.gaps === 0)
  }

  /**
   * Tells that the application has a stream of the peer's in hand. Reading, writing, `reset` and `stop` tell so too.
   * A stream that nobody took keeps its place in the peer's stream limit.
   */
  // spec: STT-STR-5
  take(): void {
    this.#core.take()
    this.#core.shared.wake()
  }

  /**
   * Takes bytes of the peer's as its STREAM frames bring them; `bytes` is copied.
   *
   * @throws ProtocolError when they break a rule: credit, final size, gaps
   * @throws SttError `STT_INVALID_STATE` on a stream that only sends
   */
  handleIncoming(offset: number, bytes: Uint8Array, fin: boolean): void {
    checkInteger(offset, 'the offset', 0, MAX_VARINT)
    const view = bytesOf(bytes, 'what arrived')
    if (!this.isReadable) throw invalidState('this stream was opened for one way: it only sends')
    this.#core.onData(offset, view, fin)
  }

  /** Counts bytes of stream data that went into packets. */
  recordSentBytes(length: number): void {
    this.#core.bytesSent += length
  }

  /** Counts bytes of stream data that arrived in packets, repeated ones included. */
  recordReceivedBytes(length: number): void {
    this.#core.bytesReceived += length
  }

  /**
   * Whether nothing happened to the stream for `limits.streamIdle` milliseconds; never without that limit. What
   * happened since the last question counts as if it happened at `now`.
   */
  isExpired(now: number): boolean {
    const idle = this.#core.shared.limits.streamIdle
    return idle > 0 && !this.#core.isOver && this.#core.isIdle(now, idle)
  }

  getStatistics(): StreamStatistics {
    const { sending, receiving } = this.#core
    return Object.freeze({
      id: this.id,
      priority: this.priority,
      bytesWritten: sending?.written ?? 0,
      bytesSent: this.#core.bytesSent,
      bytesResent: this.#core.bytesResent,
      bytesReceived: this.#core.bytesReceived,
      bytesRead: receiving?.buffer.readOffset ?? 0,
      messagesSent: this.#core.messagesSent,
      messagesReceived: this.#core.messagesReceived,
      sendBuffered: sending?.buffered ?? 0,
      receiveBuffered: receiving?.outstanding ?? 0,
      receiveMemory: receiving?.buffer.cost ?? 0,
      receiveWindow: receiving?.windowSize ?? 0,
      gaps: receiving?.buffer.gaps ?? 0,
    })
  }

  #sending(): SendHalf {
    const { sending, error } = this.#core
    if (sending === undefined) throw invalidState('this stream was opened by the peer for one way: it only receives')
    this.#core.take()
    // What was over already gives its place back now that it was taken, although nothing can be written.
    if (sending.ended) this.#core.shared.wake()
    if (error !== undefined) throw error
    return sending
  }

  #receiving(): ReceiveHalf {
    const { receiving } = this.#core
    if (receiving === undefined) throw invalidState('this stream was opened for one way: it only sends')
    this.#core.take()
    return receiving
  }
}

function assertCode(code: number): void {
  checkInteger(code, 'code', 0, MAX_VARINT)
}

function invalidState(message: string): SttError {
  return new SttError('STT_INVALID_STATE', message)
}
