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
import { ReceiveBudget } from './receive-budget.ts'
import { ReceiveMemory } from './receive-memory.ts'
import { DEFAULT_PRIORITY, PRIORITIES, Scheduler } from './scheduler.ts'
import { SessionSendCredit } from './session-credit.ts'
import type { SharedState } from './shared-state.ts'
import type { StreamManagerStatistics } from './statistics.ts'
import type { Stream } from './stream.ts'
import { EventBit, EventQueue, type StreamEvent } from './stream-events.ts'
import type { Role } from './stream-ids.ts'
import { StreamTable } from './stream-table.ts'

export interface StreamManagerConfig {
  /** Which side of the session this is: the two number their streams apart. */
  readonly role: Role
  /** What this side stated in the handshake. */
  readonly local: TransportLimits
  /** What the peer stated. */
  readonly peer: TransportLimits
  readonly limits?: Partial<StreamLimits>
  /**
   * Called at the end of any call of the application's, on the manager or a stream, after which there is something to
   * send or to poll. A driver that drains then can miss nothing. Not called for what frames of the peer's and their
   * fates bring: whoever hands these over drains anyway.
   */
  readonly onWake?: () => void
}

export interface OpenOptions {
  /** One way, from us to the peer. Two ways when not given. */
  readonly unidirectional?: boolean
  /** 0 (sent last) to 7 (sent first); 3 when not given. Streams of one priority take turns. */
  readonly priority?: number
}

/**
 * All streams of one session, with no input or output of its own: frames of the peer's come in through the `on…`
 * calls, ours leave through `writeFrames`, and `pollEvent` tells what the application can do. After every input, and
 * whenever `onWake` says so, poll events until there is none and ask `hasFrames`.
 */
export class StreamManager implements FrameSource {
  readonly #shared: SharedState
  readonly #streams: StreamTable
  readonly #creditFrames: CreditFrames

  /** @throws SttError `STT_INVALID_ARGUMENT` for limits that are no whole numbers, or unknown */
  constructor(config: StreamManagerConfig) {
    checkConfig(config)
    const { role, local, peer, limits, onWake } = config
    const resolved = resolveLimits(limits)
    this.#shared = {
      limits: resolved,
      maxMessage: { send: peer.maxMessage, receive: local.maxMessage },
      sendCredit: new SessionSendCredit(peer.maxData, resolved.maxSessionSend),
      budget: new ReceiveBudget({
        size: local.maxData,
        maximum: resolved.maxSessionWindow,
        first: local.maxStreamData,
        streams: local.maxStreamsBidi + local.maxStreamsUni,
        maxMessage: Math.min(local.maxMessage, MAX_MESSAGE_SIZE),
      }),
      memory: new ReceiveMemory(resolved.maxSessionGaps),
      scheduler: new Scheduler(),
      control: new Queue(),
      blocked: new Queue(),
      slots: new MessageSlots(resolved.maxPartialMessages),
      events: new EventQueue(),
      wake: () => {
        if (onWake !== undefined && this.#hasWork) onWake()
      },
      release: core => this.#streams.release(core),
    }
    this.#streams = new StreamTable(role, local, peer, this.#shared)
    this.#creditFrames = new CreditFrames(this.#shared.budget, this.#streams.bidi, this.#streams.uni)
  }

  /**
   * Opens a stream. The peer learns of it with the first packet, whether anything is written or not.
   *
   * @returns `undefined` when the peer, or our own session window, allows no further stream of the kind now;
   * `streams-available` follows
   * @throws SttError `STT_CLOSED` after `closeAll`, `STT_INVALID_ARGUMENT` for options that are none
   */
  open(options: OpenOptions = {}): Stream | undefined {
    checkOptions(options, 'open', OPEN_OPTIONS)
    const { unidirectional = false, priority = DEFAULT_PRIORITY } = options
    if (this.#streams.isClosed)
      throw new SttError('STT_CLOSED', 'the session of these streams is closed: open another session')
    checkInteger(priority, 'priority', 0, PRIORITIES - 1)
    const core = this.#streams.openLocally(unidirectional, priority)
    this.#shared.wake()
    return core?.stream
  }

  /** The open stream with this id. One that was given up in both directions counts as closed. */
  get(id: number): Stream | undefined {
    const core = this.#streams.get(id)
    return core === undefined || core.isAbandoned ? undefined : core.stream
  }

  has(id: number): boolean {
    return this.get(id) !== undefined
  }

  /** The open streams, oldest first. */
  list(): readonly Stream[] {
    return Array.from(this.#streams.open(), core => core.stream)
  }

  /**
   * Resets and stops a stream with code 0 and drops what it holds: `stream.error` is `STT_CLOSED` from then on.
   *
   * @returns whether there was an open stream with this id
   */
  close(id: number): boolean {
    if (!this.has(id)) return false
    this.#streams.get(id)!.abort(new SttError('STT_CLOSED', 'this stream was closed: open another one'))
    this.#shared.wake()
    return true
  }

  /**
   * Ends all streams at once because the session ended: `stream.error` is `error` from then on, and what arrived in
   * order can still be read. No frame is taken or written any more.
   */
  closeAll(error: Error): void {
    this.#streams.closeAll(error)
    this.#shared.wake()
  }

  /** Gives every stream up in both directions, what waits to be read included: the application's calls fail with `error`. */
  abortAll(error: Error): void {
    this.#streams.abortAll(error)
    this.#shared.wake()
  }

  /**
   * Bytes that the streams hold: what waits for the peer's acknowledgement and what waits to be read, messages
   * included. Costs nothing to ask.
   */
  get heldBytes(): number {
    return this.#shared.sendCredit.kept + this.#shared.memory.held
  }

  /** Streams that are not over. */
  get size(): number {
    return this.#streams.size
  }

  /**
   * Whether windows may grow, true at first: a program that is short of memory says no. What is granted stays; of what
   * the application writes, 256 KiB at most are then kept for the peer's acknowledgement.
   */
  get mayGrow(): boolean {
    return this.#shared.budget.mayGrow
  }

  set mayGrow(allowed: boolean) {
    this.#shared.budget.mayGrow = allowed
    this.#shared.sendCredit.isShort = !allowed
    this.#shared.wake()
  }

  /** Ends the streams that are expired at `now` as `close` does, with `STT_STREAM_EXPIRED`; returns how many. */
  expire(now: number): number {
    const { streamIdle } = this.#shared.limits
    if (streamIdle === 0) return 0
    let expired = 0
    for (const core of this.#streams.open()) {
      if (!core.stream.isExpired(now)) continue
      core.abort(new SttError('STT_STREAM_EXPIRED', `nothing happened on this stream for ${streamIdle} ms`))
      expired++
    }
    this.#shared.wake()
    return expired
  }

  /** The next event; poll until it is `undefined`. Each kind of event waits at most once for each stream. */
  pollEvent(): StreamEvent | undefined {
    const { events, slots, blocked, sendCredit } = this.#shared
    const event = events.poll()
    if (event !== undefined) return event
    // One at a time: whoever acts on its event at once uses up what the next one would be woken for in vain.
    const reader = slots.next
    if (reader?.canTakeSlot) {
      slots.leave(reader.slotNode)
      events.push(reader, EventBit.Readable)
    } else if (blocked.first !== undefined && sendCredit.canWake) {
      blocked.first.writer.wake()
    } else {
      return this.#pollAvailable()
    }
    return events.poll()
  }

  getStatistics(): StreamManagerStatistics {
    const { bidi, uni } = this.#streams
    const { budget, memory, sendCredit } = this.#shared
    return Object.freeze({
      ...this.#streams.getTotals(),
      open: this.#streams.size,
      openedLocally: bidi.openedLocally + uni.openedLocally,
      openedByPeer: bidi.openedByPeer + uni.openedByPeer,
      sendBuffered: sendCredit.kept,
      receiveMemory: memory.held,
      sendCredit: sendCredit.available,
      receiveCredit: budget.available,
      receiveBuffered: budget.outstanding,
      receiveWindow: budget.size,
    })
  }

  hasFrames(): boolean {
    if (this.#streams.isClosed) return false
    const { scheduler, control } = this.#shared
    return !scheduler.isEmpty || !control.isEmpty || this.#creditFrames.isWaiting
  }

  writeFrames(buffer: Uint8Array, offset: number, limit: number, sent: SentFrame[], context: WriteContext): number {
    if (this.#streams.isClosed) return offset
    const { scheduler, control } = this.#shared
    let at = this.#creditFrames.write(buffer, offset, limit, sent)
    for (let core = control.first; core !== undefined; core = control.first) {
      at = core.writeControl(buffer, at, limit, sent, context)
      if (control.first === core) return at
    }
    for (let core = scheduler.first; core !== undefined; core = scheduler.first) {
      const next = core.writeData(buffer, at, limit, sent)
      if (next === at) break
      at = next
    }
    return at
  }

  onFrameAcknowledged(frame: SentFrame): void {
    const core = this.#streams.get(frame.id)
    if (core === undefined) return
    if (frame.type === FrameType.Stream || frame.type === FrameType.StreamFin)
      core.acknowledged(frame.offset, frame.length, frame.fin)
    else if (frame.type === FrameType.Reset) core.resetAcknowledged()
  }

  onFrameLost(frame: SentFrame): void {
    if (!this.#creditFrames.lose(frame)) this.#streams.get(frame.id)?.lost(frame)
  }

  onStream(id: number, offset: number, data: Uint8Array, fin: boolean, lasting = false): void {
    const core = this.#streams.usedByPeer(id)
    if (core === undefined) return
    if (core.receiving === undefined) throw wrongDirection('STREAM', id)
    core.onData(offset, data, fin, lasting)
  }

  onReset(id: number, code: number, finalSize: number): void {
    const core = this.#streams.usedByPeer(id)
    if (core === undefined) return
    if (core.receiving === undefined) throw wrongDirection('RESET', id)
    core.onReset(code, finalSize)
  }

  onStop(id: number, code: number): void {
    const core = this.#streams.usedByPeer(id)
    if (core === undefined) return
    if (core.sending === undefined) throw wrongDirection('STOP', id)
    core.onStop(code)
  }

  onMaxData(max: number): void {
    this.#shared.sendCredit.raiseLimit(max)
  }

  onMaxStreamData(id: number, max: number): void {
    const core = this.#streams.usedByPeer(id)
    if (core === undefined) return
    if (core.sending === undefined) throw wrongDirection('MAX_STREAM_DATA', id)
    core.onCredit(max)
  }

  onMaxStreams(unidirectional: boolean, max: number): void {
    this.#streams.creditOf(unidirectional).raisePeerLimit(max)
  }

  #pollAvailable(): StreamEvent | undefined {
    if (this.#streams.takeAvailable(false)) return { type: 'streams-available', unidirectional: false }
    if (this.#streams.takeAvailable(true)) return { type: 'streams-available', unidirectional: true }
    return undefined
  }

  /** Whether there is something to send or an event to poll. */
  get #hasWork(): boolean {
    const { events, slots, blocked, sendCredit } = this.#shared
    if (!events.isEmpty || this.hasFrames() || slots.next?.canTakeSlot) return true
    if (blocked.first !== undefined && sendCredit.canWake) return true
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
