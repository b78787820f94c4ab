import { checkInteger, checkOptions, checkType, describe, SttError } from '@stt/errors'
import {
  CloseCode,
  type FrameSource,
  FrameType,
  MAX_MESSAGE_SIZE,
  ProtocolError,
  type SentFrame,
  type TransportLimits,
  type WriteContext,
} from '@stt/frame'
import { CreditFrames } from './credit-frames.ts'
import { resolveLimits, type StreamLimits } from './limits.ts'
import { MessageSlots } from './message-slots.ts'
import { Queue } from './queue.ts'
import type { SharedReceiving } from './receive-half.ts'
import { ReceiveMemory } from './receive-memory.ts'
import { DEFAULT_PRIORITY, PRIORITIES, Scheduler } from './scheduler.ts'
import type { SharedSending } from './send-half.ts'
import { SessionSendCredit } from './session-send-credit.ts'
import { SessionWindow } from './session-window.ts'
import type { StreamManagerStatistics } from './statistics.ts'
import type { StreamEngine } from './stream-engine.ts'
import type { StreamEvent, StreamEvents } from './stream-events.ts'
import { StreamTable } from './stream-table.ts'

/** Options of a `StreamManager`. */
export interface StreamManagerConfig {
  /** The side of the session that this is: it decides the ids of the streams that it opens. */
  readonly role: 'initiator' | 'responder'
  /** The limits that this side stated in the handshake. */
  readonly local: TransportLimits
  /** The limits that the peer stated. */
  readonly peer: TransportLimits
  /** Limits that differ from the defaults. */
  readonly limits?: Partial<StreamLimits>
  /**
   * Called at the end of each call from the application, on the manager or a stream, that left something to send or to poll:
   * the driver drains then. It is not called when the session hands over frames, or their fate, because the driver drains
   * after these anyway.
   */
  readonly onWake?: () => void
}

/** Options of `StreamManager.open`. */
export interface OpenOptions {
  /** Whether the stream goes one way, from this side to the peer. Two ways by default. */
  readonly unidirectional?: boolean
  /** 0 (sent last) to 7 (sent first); 3 by default. Streams of one priority take turns. */
  readonly priority?: number
}

/**
 * All streams of one session, without input or output: frames from the peer come in through the `on…` methods, frames to the
 * peer leave through `writeFrames`, and `pollEvent` says what the application can do. After every input, and whenever
 * `onWake` is called, poll events until there is none.
 *
 * It is no engine with a `poll(now)` that returns an `Output`, for two reasons. It has no packets to transmit: a session asks
 * for its frames when a packet has room. And it has no timer: `expire(now)` needs calling only where idle streams end.
 *
 * @example
 * const streams = new StreamManager({ role: 'initiator', local, peer })
 * const stream = streams.open()
 * stream?.write(bytes)
 * for (let event = streams.pollEvent(); event; event = streams.pollEvent()) {
 *   if (event.type === 'readable') consume(streams.get(event.id)?.read())
 * }
 */
export class StreamManager implements FrameSource {
  readonly #sending: SharedSending
  readonly #receiving: SharedReceiving
  /** Streams with events that wait to be polled. */
  readonly #events: Queue<StreamEvents> = new Queue()
  readonly #streams: StreamTable
  readonly #creditFrames: CreditFrames
  readonly #onWake: () => void

  /** @throws SttError `STT_INVALID_ARGUMENT` for an unknown option, or a limit that is no whole number */
  constructor(config: StreamManagerConfig) {
    checkConfig(config)
    const { role, local, peer, onWake = () => undefined } = config
    const limits = resolveLimits(config.limits)
    this.#onWake = onWake
    this.#sending = {
      limits,
      firstLimit: peer.maxStreamData,
      credit: new SessionSendCredit(peer.maxData, limits.maxSessionSend),
      scheduler: new Scheduler(),
      resets: new Queue(),
      blocked: new Queue(),
    }
    this.#receiving = {
      limits,
      firstWindow: local.maxStreamData,
      sessionWindow: new SessionWindow({
        size: local.maxData,
        maximum: limits.maxSessionWindow,
        first: local.maxStreamData,
        streams: local.maxStreamsBidi + local.maxStreamsUni,
        maxMessage: Math.min(local.maxMessage, MAX_MESSAGE_SIZE),
      }),
      memory: new ReceiveMemory(limits.maxSessionGaps),
      slots: new MessageSlots(limits.maxPartialMessages),
      control: new Queue(),
    }
    this.#streams = new StreamTable(role, local, peer, {
      limits,
      maxMessage: { send: peer.maxMessage, receive: local.maxMessage },
      sending: this.#sending,
      receiving: this.#receiving,
      events: this.#events,
      wake: () => this.#wake(),
      release: stream => this.#streams.release(stream),
    })
    this.#creditFrames = new CreditFrames(this.#receiving.sessionWindow, this.#streams.bidi, this.#streams.uni)
  }

  /**
   * Opens a stream. The peer learns of it with the first packet, whether anything is written or not.
   *
   * @returns `undefined` while the peer, or this side's session window, allows no further stream of the kind;
   * `streams-available` follows
   * @throws SttError `STT_CLOSED` after `closeAll`, `STT_INVALID_ARGUMENT` for an unknown option or priority
   */
  open(options: OpenOptions = {}): StreamEngine | undefined {
    checkOptions(options, 'open', OPEN_OPTIONS)
    const { unidirectional = false, priority = DEFAULT_PRIORITY } = options
    if (this.#streams.isClosed)
      throw new SttError('STT_CLOSED', 'the session of these streams is closed: open another session')
    checkInteger(priority, 'priority', 0, PRIORITIES - 1)
    const stream = this.#streams.openLocally(unidirectional, priority)
    this.#wake()
    return stream
  }

  /**
   * The open stream with this id. After `closeAll` it is still found until its `finished` was polled. A stream that was
   * given up in both directions counts as closed.
   */
  get(id: number): StreamEngine | undefined {
    const stream = this.#streams.get(id) ?? this.#streams.getEnded(id)
    return stream?.isAbandoned ? undefined : stream
  }

  /** Whether the stream with this id is open. */
  has(id: number): boolean {
    return this.#streams.get(id)?.isAbandoned === false
  }

  /** The open streams, oldest first. */
  list(): readonly StreamEngine[] {
    return [...this.#streams.open()]
  }

  /**
   * Resets and stops a stream with code 0, and drops its bytes: `stream.error` is `STT_CLOSED` from then on.
   *
   * @returns whether there was an open stream with this id
   */
  close(id: number): boolean {
    const stream = this.#streams.get(id)
    if (stream === undefined || stream.isAbandoned) return false
    stream.abort(new SttError('STT_CLOSED', 'this stream was closed: open another one'))
    this.#wake()
    return true
  }

  /**
   * Ends all streams because the session ended: `stream.error` is `error` from then on, and bytes that arrived in order can
   * still be read. No frame is taken or written any more.
   */
  closeAll(error: Error): void {
    this.#streams.closeAll(error)
    this.#wake()
  }

  /** Gives every stream up in both directions, and drops its bytes: calls from the application fail with `error`. */
  abortAll(error: Error): void {
    this.#streams.abortAll(error)
    this.#wake()
  }

  /**
   * Bytes that the streams hold, to be acknowledged by the peer or to be read, messages included. Reading it takes constant
   * time.
   */
  get heldBytes(): number {
    return this.#sending.credit.kept + this.#receiving.memory.held
  }

  /** Streams that are not over. */
  get size(): number {
    return this.#streams.size
  }

  /**
   * Whether windows may grow; true at first. A program that is short of memory sets it to false: credit that was granted
   * stays, and of written bytes 256 KiB at most wait for the peer's acknowledgement.
   */
  get mayGrow(): boolean {
    return this.#receiving.sessionWindow.mayGrow
  }

  set mayGrow(allowed: boolean) {
    this.#receiving.sessionWindow.mayGrow = allowed
    this.#sending.credit.isShort = !allowed
    this.#wake()
  }

  /** Ends the streams that are expired at `now`, as `close` does, with `STT_STREAM_EXPIRED`; returns how many. */
  expire(now: number): number {
    const { streamIdle } = this.#sending.limits
    if (streamIdle === 0) return 0
    let expired = 0
    for (const stream of this.#streams.open()) {
      if (!stream.isExpired(now)) continue
      stream.abort(new SttError('STT_STREAM_EXPIRED', `nothing happened on this stream for ${streamIdle} ms`))
      expired++
    }
    this.#wake()
    return expired
  }

  /** The next event; poll until it is `undefined`. An event of each type waits at most once for each stream. */
  pollEvent(): StreamEvent | undefined {
    if (this.#events.isEmpty) this.#wakeOne()
    const event = this.#events.first?.take()
    if (event === undefined) return this.#pollAvailable()
    if (event.type === 'finished') this.#streams.forget(event.id)
    return event
  }

  /** All streams at this moment. */
  getStatistics(): StreamManagerStatistics {
    const { bidi, uni } = this.#streams
    const { credit } = this.#sending
    const { sessionWindow, memory } = this.#receiving
    return Object.freeze({
      ...this.#streams.getTotals(),
      open: this.#streams.size,
      openedLocally: bidi.openedLocally + uni.openedLocally,
      openedByPeer: bidi.openedByPeer + uni.openedByPeer,
      sendBuffered: credit.kept,
      receiveMemory: memory.held,
      sendCredit: credit.available,
      receiveCredit: sessionWindow.available,
      receiveBuffered: sessionWindow.outstanding,
      receiveWindow: sessionWindow.size,
    })
  }

  /** Whether there is a frame to write. */
  hasFrames(): boolean {
    if (this.#streams.isClosed) return false
    const { scheduler, resets } = this.#sending
    const { control } = this.#receiving
    return !scheduler.isEmpty || !resets.isEmpty || !control.isEmpty || this.#creditFrames.isWaiting
  }

  /** Writes control frames, then one STREAM frame of each stream whose turn it is, until the packet is full. */
  writeFrames(buffer: Uint8Array, offset: number, limit: number, sent: SentFrame[], context: WriteContext): number {
    if (this.#streams.isClosed) return offset
    const { scheduler, resets } = this.#sending
    const { control } = this.#receiving
    let at = this.#creditFrames.write(buffer, offset, limit, sent)
    for (let half = resets.first; half !== undefined; half = resets.first) {
      at = half.writeReset(buffer, at, limit, sent)
      if (resets.first === half) return at
    }
    for (let half = control.first; half !== undefined; half = control.first) {
      at = half.writeControl(buffer, at, limit, sent, context)
      if (control.first === half) return at
    }
    for (let half = scheduler.first; half !== undefined; half = scheduler.first) {
      const next = half.writeFrame(buffer, at, limit, sent)
      if (next === at) break
      at = next
    }
    return at
  }

  /** The peer acknowledged a packet with this frame. */
  onFrameAcknowledged(frame: SentFrame): void {
    const { type, id, offset, length, fin } = frame
    const stream = this.#streams.get(id)
    if (stream === undefined) return
    if (type === FrameType.Stream || type === FrameType.StreamFin) stream.sending!.acknowledge(offset, length, fin)
    else if (type === FrameType.Reset) stream.sending!.acknowledgeReset()
    stream.settle()
  }

  /** A packet with this frame was lost: what is still wanted of it is written again. */
  onFrameLost(frame: SentFrame): void {
    if (this.#creditFrames.lose(frame)) return
    const { type, id, offset, length, fin } = frame
    const stream = this.#streams.get(id)
    if (stream === undefined) return
    if (type === FrameType.Stream || type === FrameType.StreamFin) stream.sending!.lose(offset, length, fin)
    else if (type === FrameType.Reset) stream.sending!.loseReset()
    else if (type === FrameType.Stop) stream.receiving!.loseStop()
    else stream.receiving!.loseCredit(offset)
  }

  /**
   * STREAM: bytes of a stream.
   *
   * @throws ProtocolError when they break a rule: credit, final size, gaps, direction or number of streams
   */
  onStream(id: number, offset: number, data: Uint8Array, fin: boolean, owned = false): void {
    const stream = this.#streams.usedByPeer(id)
    if (stream === undefined) return
    if (stream.receiving === undefined) throw wrongDirection('STREAM', id)
    stream.receiving.onData(offset, data, fin, owned)
    if (fin) stream.settle()
  }

  /**
   * RESET: the peer gave up its sending part.
   *
   * @throws ProtocolError when it breaks a rule
   */
  onReset(id: number, code: number, finalSize: number): void {
    const stream = this.#streams.usedByPeer(id)
    if (stream === undefined) return
    if (stream.receiving === undefined) throw wrongDirection('RESET', id)
    stream.receiving.onReset(code, finalSize)
    stream.settle()
  }

  /**
   * STOP: the peer stopped reading.
   *
   * @throws ProtocolError when it breaks a rule
   */
  onStop(id: number, code: number): void {
    const stream = this.#streams.usedByPeer(id)
    if (stream === undefined) return
    if (stream.sending === undefined) throw wrongDirection('STOP', id)
    stream.sending.onStop(code)
  }

  /** MAX_DATA: the peer accepts `max` bytes on all streams together. */
  onMaxData(max: number): void {
    this.#sending.credit.raiseLimit(max)
  }

  /**
   * MAX_STREAM_DATA: the peer accepts `max` bytes on one stream.
   *
   * @throws ProtocolError when it breaks a rule
   */
  onMaxStreamData(id: number, max: number): void {
    const stream = this.#streams.usedByPeer(id)
    if (stream === undefined) return
    if (stream.sending === undefined) throw wrongDirection('MAX_STREAM_DATA', id)
    stream.sending.raiseLimit(max)
  }

  /** MAX_STREAMS: the peer accepts `max` streams of one kind. */
  onMaxStreams(unidirectional: boolean, max: number): void {
    this.#streams.creditOf(unidirectional).raisePeerLimit(max)
  }

  /** Wakes one at a time: the first one may use up the credit, and the next one would be woken in vain. */
  #wakeOne(): void {
    const { blocked, credit } = this.#sending
    const reader = this.#receiving.slots.next
    if (reader?.canTakeSlot) reader.wakeReader()
    else if (credit.canWake) blocked.first?.wakeWriter()
  }

  #pollAvailable(): StreamEvent | undefined {
    if (this.#streams.takeAvailable(false)) return { type: 'streams-available', unidirectional: false }
    if (this.#streams.takeAvailable(true)) return { type: 'streams-available', unidirectional: true }
    return undefined
  }

  /** Tells the driver when there is something to send or an event to poll. */
  #wake(): void {
    if (this.#hasWork) this.#onWake()
  }

  get #hasWork(): boolean {
    const { blocked, credit } = this.#sending
    if (!this.#events.isEmpty || this.hasFrames() || this.#receiving.slots.next?.canTakeSlot) return true
    if (!blocked.isEmpty && credit.canWake) return true
    return this.#streams.bidi.isAvailable || this.#streams.uni.isAvailable
  }
}

const OPEN_OPTIONS = ['unidirectional', 'priority']

function wrongDirection(frame: string, id: number): ProtocolError {
  return new ProtocolError(
    CloseCode.StreamState,
    `the peer sent ${frame} on the one-way stream ${id} against its direction`,
    {
      rule: 'stream-direction',
    },
  )
}

function checkConfig(config: StreamManagerConfig): void {
  checkOptions(config ?? null, 'a StreamManager', ['role', 'local', 'peer', 'limits', 'onWake'])
  const { role, local, peer, onWake } = config
  if (role !== 'initiator' && role !== 'responder') {
    throw new SttError('STT_INVALID_ARGUMENT', `role is 'initiator' or 'responder', not ${describe(role)}`)
  }
  for (const [side, stated] of Object.entries({ local, peer })) {
    for (const name of STATED) checkInteger(stated?.[name], `${side}.${name}`, 0, Number.MAX_SAFE_INTEGER)
  }
  if (onWake !== undefined) checkType(onWake, 'onWake', 'function')
}

const STATED = ['maxData', 'maxStreamData', 'maxMessage', 'maxStreamsBidi', 'maxStreamsUni'] as const
