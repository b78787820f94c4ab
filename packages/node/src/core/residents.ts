import { equalBytes } from '@stt/crypto'
import { SttError } from '@stt/errors'
import type { Link } from '@stt/frame'
import type { HandshakeResult, HandshakeRun } from '@stt/handshake'
import type { QueueNode } from '@stt/stream'
import type { Session } from '../api/session.ts'
import { type Deferred, deferred } from '../queues/deferred.ts'
import { Incoming } from '../queues/incoming.ts'
import type { Dialed } from '../session/path-keeper.ts'
import type { SessionHandle } from '../session/session-core.ts'
import type { StreamCore } from '../stream/stream-core.ts'
import { DormantSessions } from './dormant-sessions.ts'
import { establish } from './establish.ts'
import type { NodeContext } from './node-context.ts'

/**
 * The sessions that a node holds, from their handshake to their end: which of them take a place of its limits, which are
 * the peers' and wait to be taken, which are only kept for late packets.
 */
export class Residents<S extends StreamCore = StreamCore> {
  /** Sessions that peers opened and the application may take. */
  readonly incoming: Incoming<Session<S>>
  readonly #maxLingering: number
  readonly #dormant: DormantSessions<S>
  /** Sessions that wait to be taken, each with its place in the queue. */
  readonly #untaken = new Map<Session<S>, QueueNode<Session<S>>>()
  /**
   * Of those, the ended ones, each with what gives its place back. They hold what was acknowledged to their peers, so
   * they count as sessions until they are taken.
   */
  readonly #ended = new Map<Session<S>, () => void>()
  /** Sessions that their peers ended and that absorb late packets for some seconds; they take no place. */
  readonly #lingering = new Set<SessionHandle<S>>()
  /** The sessions that peers opened and that are not gone, each with what gives its place back. */
  readonly #accepted = new Map<SessionHandle<S>, () => void>()
  /** Settled once no accepted session is left. */
  #noneAccepted: Deferred<void> | undefined
  /** Sessions that are not gone, however they came to be. */
  #present = 0
  #opened = 0

  /**
   * @param maxSessions what `limits.sessions` allows
   * @param onFailed a handler of the application's threw, or its promise rejected
   */
  constructor(maxSessions: number, onFailed: (session: Session<S>, cause: unknown) => void) {
    this.#maxLingering = Math.min(MAX_LINGERING, maxSessions)
    this.#dormant = new DormantSessions<S>(({ driver }) => driver.engine.isDormant, endAsSilent)
    this.incoming = new Incoming<Session<S>>('node.sessions()', {
      onFailed,
      onTaken: session => this.#onTaken(session),
    })
  }

  /** Number of sessions that count against `limits.sessions`. */
  get occupied(): number {
    return this.#present - this.#lingering.size + this.#ended.size
  }

  /** How many there have been. */
  get opened(): number {
    return this.#opened
  }

  /** Sessions that have ended and wait to be taken. */
  get endedUntaken(): number {
    return this.#ended.size
  }

  /** Makes the session of a finished handshake. @param packets what came for it before */
  open(
    result: HandshakeResult,
    run: HandshakeRun,
    link: Link,
    packets: readonly Uint8Array[],
    context: NodeContext<S>,
    dialed: Dialed | undefined,
  ): SessionHandle<S> {
    // Only a listener's handshake still waits for something; no session keeps what a handshake needed.
    let unconfirmed = run.role === 'responder' ? run : undefined
    let leave = (): void => {}
    const handle = establish(result, run, link, context, dialed, {
      onConfirmed: () => {
        if (unconfirmed) context.handshakes.confirm(unconfirmed)
        unconfirmed = undefined
      },
      onOver: over => this.#linger(over, leave),
      onDormant: dormant => this.#dormant.add(dormant),
      onOverMemory: largest => void this.#endForMemory(largest, context),
      onClosed: (closed, forget) => {
        this.#onClosed(closed, () => {
          forget()
          leave()
        })
      },
    })
    this.#present++
    this.#opened++
    // Sessions that this node dials take no place of its peers.
    if (unconfirmed) {
      if (context.gate.isPeerFull(result.peerId)) this.#makeRoom(result.peerId, context)
      leave = context.gate.takePlace(result.peerId, link.remote)
      this.#accepted.set(handle, leave)
    }
    for (const packet of packets) handle.driver.receive(packet, link)
    return handle
  }

  /** Hands a session that a peer opened to the application, or keeps it until it is taken. */
  announce({ session }: SessionHandle<S>): void {
    const place = this.incoming.push(session)
    if (place) this.#untaken.set(session, place)
  }

  /** Resolves when no session is left that a peer opened, or at once. */
  whenNoneAccepted(): Promise<void> {
    this.#noneAccepted ??= deferred()
    if (this.#accepted.size === 0) this.#noneAccepted.resolve()
    return this.#noneAccepted.promise
  }

  closeAccepted(): void {
    for (const { session } of this.#accepted.keys()) void session.close()
  }

  /**
   * Of the sessions that this peer opened the one that has been silent longest, where nothing is heard on it any more: its peer
   * moved on without a word, and holds the place of its own next session. Sessions with unread bytes are left out.
   */
  silentOf(id: Uint8Array, { endpoint, clock }: NodeContext<S>): SessionHandle<S> | undefined {
    const heardBefore = clock.now() - SILENT
    let silent: SessionHandle<S> | undefined
    for (const handle of endpoint.handlesOf(id)) {
      const { engine, isOverdue } = handle.driver
      if (engine.links.length > 0 && (engine.lastReceivedAt > heardBefore || isOverdue)) continue
      if (!this.#accepted.has(handle) || this.#isUnread(handle)) continue
      if (!silent || engine.lastReceivedAt < silent.driver.engine.lastReceivedAt) silent = handle
    }
    return silent
  }

  /** Drops unread data of this peer's sessions that wait to be taken. */
  forgetUntakenOf(id: Uint8Array): void {
    for (const session of this.#ended.keys()) if (equalBytes(session.peer.id, id)) this.#forgetUntaken(session)
  }

  /** The peer is not told: it is not there to be told, or learns it from the reset that answers it. */
  #makeRoom(id: Uint8Array, context: NodeContext<S>): void {
    const silent = this.silentOf(id, context)
    if (!silent) return
    context.gate.count('sessionsPerPeer')
    this.#accepted.get(silent)!()
    endAsSilent(silent)
  }

  /**
   * A peer that comes again at once finds its place free. What absorbs late packets is bounded by itself: beyond that
   * the oldest is forgotten, and who still sends to it gets a stateless reset.
   */
  #linger(handle: SessionHandle<S>, leave: () => void): void {
    if (this.#isUnread(handle)) return
    leave()
    this.#lingering.add(handle)
    if (this.#lingering.size <= this.#maxLingering) return
    const [oldest] = this.#lingering
    oldest!.discard()
  }

  /** Its data were acknowledged, so the application must still find them. */
  #isUnread(handle: SessionHandle<S>): boolean {
    return this.#untaken.has(handle.session) && handle.hasUnread()
  }

  /** @param leave gives back the place that the session took from others of its peer */
  #onClosed(handle: SessionHandle<S>, leave: () => void): void {
    const { session } = handle
    this.#present--
    this.#lingering.delete(handle)
    this.#dormant.remove(handle)
    this.#accepted.delete(handle)
    if (this.#accepted.size === 0) this.#noneAccepted?.resolve()
    if (this.#isUnread(handle)) {
      this.#ended.set(session, leave)
      return
    }
    leave()
    this.#forgetUntaken(session)
  }

  #onTaken(session: Session<S>): void {
    this.#untaken.delete(session)
    this.#ended.get(session)?.()
    this.#ended.delete(session)
  }

  #forgetUntaken(session: Session<S>): void {
    const place = this.#untaken.get(session)
    if (!place) return
    this.incoming.unread.remove(place)
    this.#onTaken(session)
  }

  async #endForMemory(handle: SessionHandle<S>, { gate, limits, warn }: NodeContext<S>): Promise<void> {
    gate.count('memory')
    const message = `the sessions of this node held more than ${limits.memory} bytes, and the one that held most was ended: read what comes, or raise limits.memory`
    const error = new SttError('STT_LIMIT', message)
    warn(error)
    handle.abortStreams(error)
    await cutOff(handle, OVER_MEMORY, 'the node is short of memory')
    this.#forgetUntaken(handle.session)
  }
}

/** The peer is not told: it is not there. */
function endAsSilent({ driver }: SessionHandle): void {
  driver.endAsSilent()
}

/** Ends a session of a revoked node without waiting for its peer. */
export const endRevoked = (handle: SessionHandle): Promise<void> => cutOff(handle, REVOKED, 'revoked')

/** Ends a session without waiting for its peer: nothing of it is kept. */
async function cutOff({ session, discard }: SessionHandle, code: number, reason: string): Promise<void> {
  await session.close({ code, reason, deadline: 0 })
  discard()
}

/** Sessions that their peers ended and that are kept for late packets, some 50 KiB each. */
const MAX_LINGERING = 256
/** Milliseconds without a packet after which a session gives its place to another of its peer: a live one sends PING each 15 s. */
const SILENT = 20_000
const REVOKED = 2
const OVER_MEMORY = 3
