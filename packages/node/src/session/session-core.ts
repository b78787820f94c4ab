import {
  abortable,
  bytesOf,
  checkInteger,
  checkOptions,
  checkSignal,
  checkType,
  isSttError,
  SttError,
} from '@stt/errors'
import { CloseCode, type Link, MAX_CLOSE_REASON } from '@stt/frame'
import type { CloseReason, DatagramOutcome, SessionEngine, SessionEvent } from '@stt/session'
import type { StreamEngine, StreamEvent, StreamManager } from '@stt/stream'
import type {
  CloseOptions,
  OpenStreamOptions,
  PathChange,
  Peer,
  PingOptions,
  Session,
  SessionPath,
  SessionState,
  SessionStatistics,
} from '../api/session.ts'
import { oneLine, shortHex, showAs } from '../observe/inspect.ts'
import type { SessionWatcher } from '../observe/observer.ts'
import type { SessionPuncher } from '../punch/session-puncher.ts'
import { type Deferred, deferred } from '../queues/deferred.ts'
import { Incoming } from '../queues/incoming.ts'
import { isAtRelay } from '../relay/relay-address.ts'
import { StreamAllowance } from '../stream/stream-allowance.ts'
import { StreamCore, type StreamHandle } from '../stream/stream-core.ts'
import type { StreamOwner } from '../stream/stream-owner.ts'
import type { Clock } from '../time/clock.ts'
import { shownReason } from './close-reason.ts'
import { Datagrams } from './datagrams.ts'
import type { Dialed, PathKeeper } from './path-keeper.ts'
import { SessionDriver } from './session-driver.ts'
import { sessionPath } from './session-paths.ts'

/** A session with what only its node may do with it. */
export interface SessionHandle<S extends StreamCore = StreamCore> {
  readonly session: Session<S>
  readonly driver: SessionDriver
  /** Takes a link that another attempt of the dial had opened. @returns whether it is of use */
  readonly takeOver: (link: Link, dialed: Dialed) => boolean
  /** Forgets a session that has ended, although late packets may still come for it. */
  readonly discard: () => void
  /** Whether the peer sent anything that the application has not taken: streams or datagrams. */
  readonly hasUnread: () => boolean
  /** Gives every stream up with what waits in it. */
  readonly abortStreams: (error: Error) => void
  /** Bytes of the datagrams that the application has not taken. */
  readonly unreadDatagramBytes: () => number
}

export interface SessionSetup<S extends StreamCore = StreamCore> {
  /** Makes the platform's form of a stream. */
  readonly createStream: (engine: StreamEngine, owner: StreamOwner) => StreamHandle<S>
  readonly engine: SessionEngine
  readonly streams: StreamManager
  readonly clock: Clock
  readonly peer: Peer
  readonly closeDeadline: number
  /** Milliseconds after which an idle stream ends; 0: never. */
  readonly streamIdle: number
  readonly onConfirmed: () => void
  /** Called whenever all that followed from calls and packets was done. */
  readonly onDrained: () => void
  /** The session has taken a link over. */
  readonly onLinkTaken: (link: Link) => void
  /** Opens other paths, for a session that this side dialed. Called once, when the session begins. */
  readonly keepPaths?: ((driver: SessionDriver) => PathKeeper) | undefined
  /** Punches holes for the session, where both sides have agreed to that. Called once, when it first goes by a relay. */
  readonly punch?: ((driver: SessionDriver) => SessionPuncher) | undefined
  /** The session is silent, and kept for its peer's return. */
  readonly onDormant: () => void
  /** Counts and tells what was thrown inside the session. */
  readonly onFault: (cause: unknown) => void
  /** Called at most once, when the peer has ended the session, or broke it: what is left of it only absorbs late packets. */
  readonly onOver: () => void
  /** Called once, when the session is gone. */
  readonly onClosed: () => void
  /** Tells the operator of a defect in the application that nothing else reports. */
  readonly warn: (error: Error) => void
  readonly watcher?: SessionWatcher | undefined
}

/** A session as its node has it: the engine, its driver, and what the program does with both. */
export class SessionCore<S extends StreamCore = StreamCore> implements Session<S> {
  static {
    showAs(SessionCore.prototype, session => session.#shown())
  }

  readonly #driver: SessionDriver
  readonly #setup: SessionSetup<S>
  readonly #closed: Deferred<CloseReason> = deferred()
  readonly #incoming = new Incoming<S>('session.streams()', {
    onFailed: (stream, cause, isShared) => this.#onHandlerFailed(stream, cause, isShared),
    onTaken: stream => StreamCore.take(stream),
  })
  readonly #datagrams = new Datagrams()
  readonly #streams = new Map<number, StreamHandle<S>>()
  readonly #pings = new Map<number, Deferred<number>>()
  readonly #allowance = new StreamAllowance<S>(options => {
    const engine = this.#setup.streams.open(options)
    return engine && this.#adopt(engine)
  })
  readonly #streamOwner: StreamOwner
  readonly #keeper: PathKeeper | undefined
  #puncher: SessionPuncher | undefined
  #pathHandlers: Set<(change: PathChange) => unknown> | undefined
  /** Streams with writes, or an end, that flow control has not accepted: closing waits for them. */
  #pendingStreams = 0
  #peer: Peer
  #reason: CloseReason | undefined
  #forgotten = false
  #faulted = false

  private constructor(setup: SessionSetup<S>) {
    this.#setup = setup
    this.#peer = setup.peer
    this.#streamOwner = {
      clock: setup.clock,
      violation: error => {
        this.#setup.engine.fail(error, this.#setup.clock.now())
        this.#driver.schedule()
      },
      onPending: pending => {
        this.#pendingStreams += pending ? 1 : -1
      },
    }
    this.#driver = new SessionDriver(setup.engine, setup.streams, setup.clock, setup.streamIdle, {
      onEvent: event => this.#onEvent(event),
      onStreamEvent: event => this.#onStreamEvent(event),
      onFault: error => this.#onFault(error),
      onLinkEnded: (link, cause) => {
        setup.watcher?.onLinkEnded(link.remote, cause, setup.clock.now())
        this.#keeper?.onGone(link)
      },
      onDrained: setup.onDrained,
      onLinkTaken: setup.onLinkTaken,
    })
    this.#keeper = setup.keepPaths?.(this.#driver)
    this.#punchIfRelayed(setup.peer.address)
  }

  static create<S extends StreamCore>(setup: SessionSetup<S>): SessionHandle<S> {
    const session = new SessionCore(setup)
    return {
      session,
      driver: session.#driver,
      takeOver: (link, dialed) => session.#keeper?.takeOver(link, dialed) ?? false,
      discard: () => session.#forget(),
      abortStreams: error => setup.streams.abortAll(error),
      hasUnread: () => session.#incoming.unread.length > 0 || session.#datagrams.hasUnread,
      unreadDatagramBytes: () => session.#datagrams.bytes,
    }
  }

  get peer(): Peer {
    return this.#peer
  }

  get id(): Uint8Array<ArrayBuffer> {
    return this.#setup.engine.id
  }

  get state(): SessionState {
    const { state } = this.#setup.engine
    // A listener waits for the dialer's first packet, which tells the program nothing: both have the keys.
    return state === 'handshaking' ? 'active' : state
  }

  get closed(): Promise<CloseReason> {
    return this.#closed.promise
  }

  get path(): SessionPath | undefined {
    const [active] = this.paths
    return this.#setup.engine.link && active
  }

  get paths(): readonly SessionPath[] {
    if (this.state === 'closed') return []
    return this.#setup.engine.getPaths().map(path => sessionPath(path))
  }

  onPath(handler: (change: PathChange) => unknown): () => void {
    checkType(handler, 'the handler of onPath', 'function')
    const handlers = (this.#pathHandlers ??= new Set())
    handlers.add(handler)
    return () => void handlers.delete(handler)
  }

  openStream(options?: OpenStreamOptions): Promise<S> {
    return this.#open(false, options)
  }

  openSendStream(options?: OpenStreamOptions): Promise<S> {
    return this.#open(true, options)
  }

  streams(): AsyncIterable<S> {
    return this.#incoming.unread
  }

  onStream(handler: (stream: S) => unknown): () => void {
    checkType(handler, 'the handler of onStream', 'function')
    return this.#incoming.add(handler)
  }

  get maxDatagramSize(): number {
    return this.#setup.engine.maxDatagramSize
  }

  sendDatagram(bytes: Uint8Array | ArrayBufferView | ArrayBufferLike): Promise<DatagramOutcome> {
    const fate = this.#datagrams.fateOf(this.#setup.engine.sendDatagram(bytesOf(bytes, 'the datagram')))
    this.#driver.schedule()
    return fate
  }

  datagrams(): AsyncIterable<Uint8Array<ArrayBuffer>> {
    return this.#datagrams.unread
  }

  rotateKeys(): void {
    this.#setup.engine.rotateKeys()
    this.#driver.schedule()
  }

  async ping(options?: PingOptions): Promise<number> {
    checkOptions(options, 'ping', ['signal'])
    checkSignal(options?.signal, 'ping')
    const pong = deferred<number>()
    this.#pings.set(this.#setup.engine.ping(), pong)
    this.#driver.schedule()
    return abortable(pong.promise, options?.signal, 'ping')
  }

  exportKey(label: string, length: number): Uint8Array<ArrayBuffer> {
    return this.#setup.engine.exportKey(label, length)
  }

  getStatistics(): SessionStatistics {
    const engine = this.#setup.engine.getStatistics()
    const streams = this.#setup.streams.getStatistics()
    const datagramsExpired = engine.datagramsExpired + this.#datagrams.dropped
    return Object.freeze({ ...engine, state: this.state, datagramsExpired, keyEpoch: engine.sendEpoch, streams })
  }

  async close(options?: CloseOptions): Promise<CloseReason> {
    checkOptions(options, 'close', ['code', 'reason', 'deadline', 'signal'])
    const { code = 0, reason = '', deadline = this.#setup.closeDeadline, signal } = options ?? {}
    checkInteger(deadline, 'the deadline of close', 0, Number.MAX_SAFE_INTEGER)
    checkReason(reason)
    checkSignal(signal, 'close')
    const isWritten = (): boolean => this.#pendingStreams === 0
    this.#setup.engine.close({ app: true, code, reason, deadline, isWritten }, this.#setup.clock.now())
    this.#driver.schedule()
    return abortable(this.#closed.promise, signal, 'close')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** The text for `console.log`, without secrets. */
  #shown(): string {
    const { bytesSent, bytesReceived } = this.#setup.engine.getStatistics()
    return oneLine('Session', {
      id: shortHex(this.id),
      state: this.state,
      peer: shortHex(this.#peer.id),
      address: this.#peer.address,
      streams: this.#streams.size,
      bytesSent,
      bytesReceived,
    })
  }

  async #open(unidirectional: boolean, options: OpenStreamOptions | undefined): Promise<S> {
    checkOptions(options, 'openStream', ['priority', 'signal'])
    const { priority, signal } = options ?? {}
    if (priority !== undefined) checkInteger(priority, 'the priority of a stream', 0, 7)
    checkSignal(signal, 'openStream')
    if (this.#reason) throw this.#reason.error
    return this.#allowance.open({ unidirectional, ...(priority === undefined ? {} : { priority }) }, signal)
  }

  #adopt(engine: StreamEngine): S {
    const handle = this.#setup.createStream(engine, this.#streamOwner)
    this.#streams.set(engine.id, handle)
    return handle.stream
  }

  #onEvent(event: SessionEvent): void {
    switch (event.type) {
      case 'pong':
        this.#pings.get(event.ping)?.resolve(event.rtt)
        this.#pings.delete(event.ping)
        return
      case 'datagram':
        return this.#datagrams.push(event.data)
      case 'datagram-settled':
        return this.#datagrams.settle(event.datagram, event.outcome)
      case 'confirmed':
        return this.#setup.onConfirmed()
      case 'path-changed':
        return this.#onPathChanged(event)
      case 'path-closed':
        return this.#keeper?.onGone(event.link)
      case 'path-wanted':
        return this.#keeper?.onWanted(event.anew)
      case 'dormant':
        this.#keeper?.onWanted(true)
        return this.#setup.onDormant()
      case 'epoch':
        return this.#setup.watcher?.onEpoch(event.epoch, this.#setup.clock.now())
      case 'link-failed':
        // Told before the link only says that it was closed.
        this.#driver.leave(event.link, event.error)
        return event.link.close()
      case 'ended':
        return this.#end(event.reason)
      case 'close-expired':
        // The peer's answer is not waited for any longer; the engine still repeats CLOSE for a while.
        return this.#closed.resolve(this.#reason!)
      case 'closed':
        return this.#forget()
      default:
        return this.#puncher?.onEvent(event)
    }
  }

  #onPathChanged({ from, reason, link }: Extract<SessionEvent, { type: 'path-changed' }>): void {
    const { engine, watcher, clock } = this.#setup
    watcher?.onPath(this.#peer.address, link.remote, clock.now())
    this.#peer = Object.freeze({ ...this.#peer, address: link.remote })
    this.#keeper?.onMoved()
    this.#punchIfRelayed(link.remote)
    this.#puncher?.onMoved()
    if (!this.#pathHandlers?.size) return
    const paths = engine.getPaths()
    const [to] = paths
    // It may have moved on since.
    if (to?.link !== link) return
    const left = paths.find(path => path.link === from)
    const change = Object.freeze({ from: left && sessionPath(left), to: sessionPath(to), reason })
    for (const handler of this.#pathHandlers) void this.#callPathHandler(handler, change)
  }

  #punchIfRelayed(remote: string): void {
    if (isAtRelay(remote)) this.#puncher ??= this.#setup.punch?.(this.#driver)
  }

  async #callPathHandler(handler: (change: PathChange) => unknown, change: PathChange): Promise<void> {
    try {
      await handler(change)
    } catch (cause) {
      this.#setup.warn(new SttError('STT_INVALID_STATE', 'an onPath handler failed: see the cause', { cause }))
    }
  }

  #onStreamEvent(event: StreamEvent): void {
    if (event.type === 'streams-available') return this.#allowance.raised(event.unidirectional)
    if (event.type === 'opened') this.#onOpened(event.id)
    this.#streams.get(event.id)?.handle(event)
    if (event.type === 'finished') this.#streams.delete(event.id)
  }

  #onOpened(id: number): void {
    const engine = this.#setup.streams.get(id)
    // A stream that waits in the queue is claimed when the application takes it from there.
    if (engine && !this.#incoming.push(this.#adopt(engine))) engine.claim()
  }

  #end(ended: CloseReason): void {
    const reason = shownReason(ended)
    this.#reason = reason
    this.#setup.watcher?.onEnded(reason, this.#setup.clock.now())
    const { streams } = this.#setup
    streams.closeAll(reason.error)
    // The last words of the streams, before the driver stops asking for them.
    for (let event = streams.pollEvent(); event; event = streams.pollEvent()) this.#onStreamEvent(event)
    for (const pong of this.#pings.values()) pong.reject(reason.error)
    this.#pings.clear()
    this.#allowance.end(reason.error)
    const failure = reason.by === 'local' || reason.error.code === 'STT_CLOSED' ? undefined : reason.error
    this.#incoming.unread.close(failure)
    this.#datagrams.end(failure)
    // The closing side waits for the peer's answer too, and may then leave at once.
    if (reason.by === 'local') return
    this.#closed.resolve(reason)
    this.#setup.onOver()
  }

  #forget(): void {
    if (this.#forgotten) return
    this.#forgotten = true
    this.#keeper?.stop()
    this.#puncher?.stop()
    this.#driver.stop()
    this.#setup.engine.discard()
    this.#datagrams.loseAll()
    this.#closed.resolve(this.#reason!)
    this.#setup.onClosed()
  }

  #onHandlerFailed(stream: StreamCore, cause: unknown, isShared: boolean): void {
    const isOfPeer = isSttError(cause) && (StreamCore.isBroken(stream) || cause.code === 'STT_TRUNCATED')
    // To another handler that reads it, a stream that is given up here would look as if it had ended.
    if (!isShared) StreamCore.giveUp(stream, HANDLER_FAILED)
    if (isOfPeer) return
    const fate = isShared ? 'another one has its stream' : 'its stream was given up'
    this.#setup.warn(new SttError('STT_CLOSED', `an onStream handler failed; ${fate}`, { cause }))
  }

  /** A defect inside STT: tells the peer, and fails pending calls with the error. A second one ends the session at once. */
  #onFault(cause: unknown): void {
    this.#setup.onFault(cause)
    if (!this.#faulted && !this.#reason) {
      this.#faulted = true
      this.#setup.engine.fail(cause, this.#setup.clock.now())
      return this.#driver.schedule()
    }
    const error = new SttError(
      'STT_CLOSED',
      'the session failed from inside, which is a defect of STT: report the cause',
      { cause },
    )
    if (!this.#reason) this.#end({ by: 'fault', app: false, code: CloseCode.InternalError, reason: '', error })
    this.#forget()
  }
}

function checkReason(reason: string): void {
  checkType(reason, 'the reason of close', 'string')
  const { length } = new TextEncoder().encode(reason)
  if (length <= MAX_CLOSE_REASON) return
  const message = `the reason of close has ${length} bytes of UTF-8: at most ${MAX_CLOSE_REASON} can be told`
  throw new SttError('STT_INVALID_ARGUMENT', message)
}

const HANDLER_FAILED = 1
