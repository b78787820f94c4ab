import { abortError, SttError } from '@stt/errors'
import { CloseCode } from '@stt/frame'
import type { Value } from '@stt/serialize'
import type {
  CloseReason,
  DatagramOutcome,
  SessionStatistics as EngineStatistics,
  Session as SessionEngine,
  SessionEvent,
  SessionState,
} from '@stt/session'
import type {
  OpenOptions,
  Stream as StreamEngine,
  StreamEvent,
  StreamManager,
  StreamManagerStatistics,
} from '@stt/stream'
import { AsyncQueue } from './async-queue.ts'
import type { Clock } from './clock.ts'
import { Datagrams } from './datagrams.ts'
import { type Deferred, deferred } from './deferred.ts'
import { SessionDriver } from './session-driver.ts'
import { Stream, type StreamHandle, type StreamOwner } from './stream.ts'
import { StreamAllowance } from './stream-allowance.ts'

/** The other end of a session. */
export interface Peer {
  /** Node id, 32 bytes, proved by the handshake. */
  readonly id: Uint8Array
  /** Where its packets come from: `ws://…`, `udp://…`. */
  readonly address: string
  /** What it said of itself in the handshake, as it said it: nobody vouches for it. */
  readonly metadata: Value | undefined
}

export interface OpenStreamOptions {
  /** 0 (sent last) to 7 (sent first); 3 unless given. */
  readonly priority?: number
  readonly signal?: AbortSignal
}

export interface CloseOptions {
  /** The application's own code, told to the peer. Default 0. */
  readonly code?: number
  /** At most 256 bytes of UTF-8, told to the peer. */
  readonly reason?: string
  /** Milliseconds that what was written may take to arrive. Default 5 s. */
  readonly deadline?: number
}

/** Sizes in bytes on the wire, times in milliseconds. */
export interface SessionStatistics extends EngineStatistics {
  /** Key generation of what is sent now. */
  readonly keyEpoch: number
  readonly streams: StreamManagerStatistics
}

/** A session with what only its node may do with it. */
export interface SessionHandle {
  readonly session: Session
  readonly driver: SessionDriver
  /** Forgets a session that has ended, although late packets may still come for it. */
  readonly discard: () => void
}

export interface SessionSetup {
  readonly engine: SessionEngine
  readonly streams: StreamManager
  readonly clock: Clock
  readonly peer: Peer
  readonly closeDeadline: number
  /** Milliseconds after which an idle stream ends; 0: never. */
  readonly streamIdle: number
  readonly onConfirmed: () => void
  /** Counts and tells what was thrown inside the session. */
  readonly onFault: (cause: unknown) => void
  /** Called once, when the session is gone. */
  readonly onClosed: () => void
}

/** One authenticated session with a peer: many streams and datagrams over one link. */
export class Session {
  readonly #driver: SessionDriver
  readonly #setup: SessionSetup
  readonly #closed: Deferred<CloseReason> = deferred()
  readonly #incoming = new AsyncQueue<Stream>('session.streams()')
  readonly #datagrams = new Datagrams()
  readonly #streams = new Map<StreamEngine, StreamHandle>()
  readonly #pings = new Map<number, Deferred<number>>()
  readonly #allowance = new StreamAllowance()
  readonly #streamOwner: StreamOwner = {
    schedule: () => this.#driver.schedule(),
    violation: error => {
      this.#setup.engine.fail(error, this.#setup.clock.now())
      this.#driver.schedule()
    },
  }
  #peer: Peer
  #reason: CloseReason | undefined
  #forgotten = false

  private constructor(setup: SessionSetup) {
    this.#setup = setup
    this.#peer = setup.peer
    this.#driver = new SessionDriver(setup.engine, setup.streams, setup.clock, setup.streamIdle, {
      onEvent: event => this.#onEvent(event),
      onStreamEvent: event => this.#onStreamEvent(event),
      onFault: error => this.#onFault(error),
    })
  }

  static create(setup: SessionSetup): SessionHandle {
    const session = new Session(setup)
    return { session, driver: session.#driver, discard: () => session.#forget() }
  }

  /** The other end; another object once its address has changed. */
  get peer(): Peer {
    return this.#peer
  }

  /** 16 bytes, the same at both ends: a label for people and logs, never a key. */
  get id(): Uint8Array {
    return this.#setup.engine.id
  }

  get state(): SessionState {
    return this.#setup.engine.state
  }

  /** Resolves with why, when the session has ended; never rejects. */
  get closed(): Promise<CloseReason> {
    return this.#closed.promise
  }

  /** Opens a stream that goes both ways. Waits while the peer allows no more. */
  openStream(options: OpenStreamOptions = {}): Promise<Stream> {
    return this.#open(false, options)
  }

  /** Opens a stream from here to the peer only. */
  openSendStream(options: OpenStreamOptions = {}): Promise<Stream> {
    return this.#open(true, options)
  }

  /** The streams that the peer opens, as they come; ends with the session. */
  streams(): AsyncIterable<Stream> {
    return this.#incoming
  }

  /** Largest payload of `sendDatagram` now, in bytes. */
  get maxDatagramSize(): number {
    return this.#setup.engine.maxDatagramSize
  }

  /**
   * Sends `bytes` as one datagram that may get lost. Resolves with what became of it: `acknowledged`, `lost`, or
   * `expired` when newer datagrams pushed it out of the queue.
   *
   * @throws SttError `STT_DATAGRAM_TOO_LARGE` above `maxDatagramSize`
   */
  sendDatagram(bytes: Uint8Array): Promise<DatagramOutcome> {
    const fate = this.#datagrams.fateOf(this.#setup.engine.sendDatagram(bytes))
    this.#driver.schedule()
    return fate
  }

  /** The datagrams that arrive. Unread ones beyond 256 are dropped, oldest first, and counted. */
  datagrams(): AsyncIterable<Uint8Array> {
    return this.#datagrams.unread
  }

  /** Moves both directions to fresh keys, as soon as the protocol allows. */
  rotateKeys(): void {
    this.#setup.engine.rotateKeys()
    this.#driver.schedule()
  }

  /** The round-trip time, in milliseconds, of a PING sent now. */
  ping(): Promise<number> {
    const pong = deferred<number>()
    this.#pings.set(this.#setup.engine.ping(), pong)
    this.#driver.schedule()
    return pong.promise
  }

  /** A key of `length` bytes for the application's own use: both ends get the same for the same label. */
  exportKey(label: string, length: number): Uint8Array {
    return this.#setup.engine.exportKey(label, length)
  }

  getStatistics(): SessionStatistics {
    const engine = this.#setup.engine.getStatistics()
    const streams = this.#setup.streams.getStatistics()
    const datagramsExpired = engine.datagramsExpired + this.#datagrams.dropped
    return Object.freeze({ ...engine, datagramsExpired, keyEpoch: engine.sendEpoch, streams })
  }

  /** Closes: what was written is delivered first, within the deadline. Resolves with why the session ended. */
  close(options: CloseOptions = {}): Promise<CloseReason> {
    const { code = 0, reason = '', deadline = this.#setup.closeDeadline } = options
    this.#setup.engine.close({ app: true, code, reason, drain: deadline }, this.#setup.clock.now())
    this.#driver.schedule()
    return this.#closed.promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #open(unidirectional: boolean, { priority, signal }: OpenStreamOptions): Promise<Stream> {
    const options: OpenOptions = { unidirectional, ...(priority === undefined ? {} : { priority }) }
    for (;;) {
      if (signal?.aborted) throw abortError(signal, 'opening a stream')
      if (this.#reason) throw this.#reason.error
      const engine = this.#setup.streams.open(options)
      if (engine) return this.#adopt(engine)
      await this.#allowance.wait(unidirectional, signal)
    }
  }

  #adopt(engine: StreamEngine): Stream {
    const handle = Stream.create(engine, this.#streamOwner)
    this.#streams.set(engine, handle)
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
      case 'path-validated':
        this.#peer = Object.freeze({ ...this.#peer, address: event.link.remote })
        return
      case 'link-failed':
        // What ends the link ends the session: told before the link only says that it was closed.
        this.#driver.leave(event.link, foreignBytes(event.link.remote))
        return event.link.close()
      case 'ended':
        return this.#end(event.reason)
      case 'closed':
        return this.#forget()
      default:
        return
    }
  }

  #onStreamEvent(event: StreamEvent): void {
    if (event.type === 'streams-available') return this.#allowance.raised(event.unidirectional)
    if (event.type === 'opened') this.#incoming.push(this.#adopt(event.stream))
    this.#streams.get(event.stream)?.handle(event)
    if (event.type === 'finished') this.#streams.delete(event.stream)
  }

  #end(reason: CloseReason): void {
    this.#reason = reason
    const { streams } = this.#setup
    streams.closeAll(reason.error)
    // The last words of the streams, before the driver stops asking for them.
    for (let event = streams.pollEvent(); event; event = streams.pollEvent()) this.#onStreamEvent(event)
    for (const pong of this.#pings.values()) pong.reject(reason.error)
    this.#pings.clear()
    this.#allowance.end(reason.error)
    const failure = reason.by === 'local' || reason.error.code === 'STT_CLOSED' ? undefined : reason.error
    this.#incoming.close(failure)
    this.#datagrams.end(failure)
    // Whoever closes waits for the peer's answer as well: then it may leave at once.
    if (reason.by !== 'local') this.#closed.resolve(reason)
  }

  #forget(): void {
    if (this.#forgotten) return
    this.#forgotten = true
    this.#driver.stop()
    this.#datagrams.loseAll()
    this.#closed.resolve(this.#reason!)
    this.#setup.onClosed()
  }

  /** A defect of ours: the peer is told, and whoever waits gets the error. */
  #onFault(cause: unknown): void {
    const error = new SttError(
      'STT_CLOSED',
      'the session failed from inside, which is a defect of STT: report the cause',
      { cause },
    )
    if (!this.#reason) this.#end({ by: 'violation', app: false, code: CloseCode.InternalError, reason: '', error })
    this.#forget()
    this.#setup.onFault(cause)
  }
}

const foreignBytes = (remote: string): SttError =>
  new SttError(
    'STT_LINK_FAILED',
    `what came from ${remote} was no packet of the session's peer: something between the two changed or added it`,
  )
