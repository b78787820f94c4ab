import { CloseCode, ProtocolError, type TransportLimits } from '@stt/frame'
import { DEFAULT_PRIORITY } from './scheduler.ts'
import { StreamCountLimit } from './stream-count-limit.ts'
import { type SharedByStreams, StreamEngine } from './stream-engine.ts'
import { EventBit } from './stream-events.ts'
import { indexOf, isUnidirectional, openerOf, type Role, streamId } from './stream-ids.ts'

/** Totals of all streams since the session began: bytes, messages, and streams that are over. */
interface Totals {
  finished: number
  bytesSent: number
  bytesResent: number
  bytesReceived: number
  messagesSent: number
  messagesReceived: number
}

/** The open streams of a session. Each side opens its streams in the order of their ids, as far as the other side allows. */
export class StreamTable {
  /** How many two-way streams there may be. */
  readonly bidi: StreamCountLimit
  /** How many one-way streams there may be. */
  readonly uni: StreamCountLimit
  readonly #role: Role
  readonly #local: TransportLimits
  readonly #shared: SharedByStreams
  readonly #streams = new Map<number, StreamEngine>()
  readonly #totals: Totals = {
    finished: 0,
    bytesSent: 0,
    bytesResent: 0,
    bytesReceived: 0,
    messagesSent: 0,
    messagesReceived: 0,
  }
  #isClosed = false
  /** The streams that `closeAll` ended, until their last event was polled: the application may not have them yet. */
  #ended: Map<number, StreamEngine> | undefined

  constructor(role: Role, local: TransportLimits, peer: TransportLimits, shared: SharedByStreams) {
    this.#role = role
    this.#local = local
    this.#shared = shared
    this.bidi = new StreamCountLimit(local.maxStreamsBidi, peer.maxStreamsBidi)
    this.uni = new StreamCountLimit(local.maxStreamsUni, peer.maxStreamsUni)
  }

  /** Whether the session ended. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Streams that are not over. */
  get size(): number {
    return this.#streams.size
  }

  creditOf(unidirectional: boolean): StreamCountLimit {
    return unidirectional ? this.uni : this.bidi
  }

  /** The stream with this id, unless it is over. */
  get(id: number): StreamEngine | undefined {
    return this.#streams.get(id)
  }

  /** The stream with this id that `closeAll` ended, until `forget`. */
  getEnded(id: number): StreamEngine | undefined {
    return this.#ended?.get(id)
  }

  /** Called when the last event of a stream was polled. */
  forget(id: number): void {
    this.#ended?.delete(id)
  }

  /** The streams that are not given up in both directions, oldest first. */
  *open(): Iterable<StreamEngine> {
    for (const stream of this.#streams.values()) if (!stream.isAbandoned) yield stream
  }

  /** Opens a stream from this side; `undefined` while the peer's limit, or the memory of this side, allows no more. */
  openLocally(unidirectional: boolean, priority: number): StreamEngine | undefined {
    const credit = this.creditOf(unidirectional)
    if (!credit.canOpen || !this.#lendFirst(unidirectional)) {
      credit.refuse()
      return undefined
    }
    return this.#create(streamId(credit.open(), unidirectional, this.#role), true, unidirectional, priority)
  }

  /** Whether an `open` of this kind was refused and would succeed now. The call clears the refusal. */
  takeAvailable(unidirectional: boolean): boolean {
    const credit = this.creditOf(unidirectional)
    if (!credit.isAvailable) return false
    if (!unidirectional && !this.#shared.receiving.sessionWindow.canLend(this.#local.maxStreamData, 'own')) return false
    credit.retry()
    return true
  }

  /**
   * The stream that a frame from the peer names. A new one is opened; `undefined` for one that is over.
   *
   * @throws ProtocolError `StreamState` or `StreamLimit` when the peer may not use it
   */
  usedByPeer(id: number): StreamEngine | undefined {
    const stream = this.#streams.get(id) ?? this.#openByPeer(id)
    stream?.touch()
    return stream
  }

  /** Removes a stream that is over. */
  release(stream: StreamEngine): void {
    this.#streams.delete(stream.id)
    this.#count(stream)
    // spec: STT-STR-5
    if (!stream.isLocal) this.creditOf(stream.unidirectional).finish()
    else if (!stream.unidirectional) this.#shared.receiving.sessionWindow.lend(-this.#local.maxStreamData)
  }

  /** Gives every stream up in both directions with `error`. */
  abortAll(error: Error): void {
    // Streams that are over afterwards leave the table during the loop.
    for (const stream of [...this.#streams.values()]) stream.abort(error)
  }

  /** The session ended: every stream fails with `error`, and none is opened any more. */
  closeAll(error: Error): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#ended = new Map(this.#streams)
    for (const stream of this.#streams.values()) {
      stream.fail(error)
      this.#count(stream)
    }
    this.#streams.clear()
  }

  getTotals(): Readonly<Totals> {
    const totals = { ...this.#totals }
    for (const stream of this.#streams.values()) addTo(totals, stream)
    return totals
  }

  // spec: STT-STR-2 STT-STR-18
  #openByPeer(id: number): StreamEngine | undefined {
    if (this.#isClosed) return undefined
    const unidirectional = isUnidirectional(id)
    const credit = this.creditOf(unidirectional)
    const index = indexOf(id)
    const opener = openerOf(id)
    if (opener === this.#role) {
      if (index < credit.openedLocally) return undefined
      throw new ProtocolError(CloseCode.StreamState, `the peer used stream ${id}, which we have not opened`, {
        rule: 'stream-not-open',
      })
    }
    if (!credit.openByPeer(index)) return undefined
    const stream = this.#create(id, false, unidirectional, DEFAULT_PRIORITY)
    stream.events.push(EventBit.Opened)
    return stream
  }

  /** Lends the first window of a two-way stream that this side opens, so that no other stream can have it. */
  // spec: STT-STR-26
  #lendFirst(unidirectional: boolean): boolean {
    if (unidirectional) return true
    const { sessionWindow } = this.#shared.receiving
    const { maxStreamData } = this.#local
    if (sessionWindow.lendable(maxStreamData, 'own') < maxStreamData) return false
    sessionWindow.lend(maxStreamData)
    return true
  }

  #create(id: number, isLocal: boolean, unidirectional: boolean, priority: number): StreamEngine {
    const stream = new StreamEngine(this.#shared, id, isLocal, unidirectional, priority)
    this.#streams.set(id, stream)
    return stream
  }

  #count(stream: StreamEngine): void {
    this.#totals.finished++
    addTo(this.#totals, stream)
  }
}

function addTo(totals: Totals, stream: StreamEngine): void {
  const { bytesSent, bytesResent, bytesReceived, messagesSent, messagesReceived } = stream.getStatistics()
  totals.bytesSent += bytesSent
  totals.bytesResent += bytesResent
  totals.bytesReceived += bytesReceived
  totals.messagesSent += messagesSent
  totals.messagesReceived += messagesReceived
}
