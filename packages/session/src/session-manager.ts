import { toHex } from '@stt/crypto'
import { checkInteger, checkType, SttError } from '@stt/errors'
import { CloseCode, connectionIdKey, isPacket } from '@stt/frame'
import { checkBytes, NODE_ID_SIZE, SESSION_ID_SIZE } from './check-config.ts'
import type { CloseRequest } from './life/close-state.ts'
import type { SessionState } from './life/session-state.ts'
import type { SessionConfig } from './session-config.ts'
import { SessionEngine } from './session-engine.ts'

/** How a manager keeps its sessions. */
export interface SessionManagerConfig {
  /** The clock of the sessions: milliseconds that never go back. */
  readonly clock: () => number
  /**
   * Called when the manager has given a session something to do: poll it soon, but not inside this call, which comes from
   * a method of the manager.
   */
  readonly wake: (session: SessionEngine) => void
  /** Whether a packet of no session belongs to a handshake. Default: it never does. */
  readonly isHandshake?: (packet: Uint8Array) => boolean
  /** Sessions at a time. Default 10,000. */
  readonly maxSessions?: number
}

/** A snapshot. Sums are over all sessions since the manager was made. */
export interface SessionManagerStatistics {
  /** Sessions that are not closed. */
  readonly sessions: number
  /** Sessions by state; `closed` counts all that were closed. */
  readonly byState: Readonly<Record<SessionState, number>>
  /** Sessions made so far. */
  readonly created: number
  /** Bytes of packets sent. */
  readonly bytesSent: number
  /** Bytes of packets that verified. */
  readonly bytesReceived: number
  /** Packets handed to links. */
  readonly packetsSent: number
  /** Packets that verified. */
  readonly packetsReceived: number
  /** Packets declared lost. */
  readonly packetsLost: number
}

/**
 * All sessions of one side, and the one place that finds the session of a packet, whatever link it came over. The manager
 * keeps and finds sessions; its owner polls them.
 */
export class SessionManager {
  readonly #config: SessionManagerConfig
  readonly #maxSessions: number
  readonly #sessions = new Map<string, SessionEngine>()
  /** By this side's connection id, which packets carry. */
  readonly #byConnectionId = new Map<string, SessionEngine>()
  readonly #byPeer = new Map<string, Set<SessionEngine>>()
  /** Calls of `close` that wait for a session to be gone. */
  readonly #waiting = new Map<SessionEngine, (() => void)[]>()
  readonly #gone = noTraffic()
  #created = 0

  /** @throws SttError `STT_INVALID_ARGUMENT`, as every method does for an id of the wrong form */
  constructor(config: SessionManagerConfig) {
    checkType(config?.clock, 'clock', 'function')
    checkType(config.wake, 'wake', 'function')
    this.#config = config
    this.#maxSessions = config.maxSessions ?? DEFAULT_MAX_SESSIONS
    checkInteger(this.#maxSessions, 'maxSessions', 1, Number.MAX_SAFE_INTEGER)
  }

  /**
   * Makes a session and keeps it until it is closed.
   *
   * @throws SttError `STT_DUPLICATE` when the id or connection id is taken; `STT_LIMIT` when there are `maxSessions`
   */
  create(config: Omit<SessionConfig, 'now' | 'onClosed'>): SessionEngine {
    const key = sessionKey(config.id)
    if (this.#sessions.has(key)) {
      throw new SttError('STT_DUPLICATE', `there is a session with the id ${toHex(config.id)}: close it first`)
    }
    if (this.hasConnectionId(config.localCid)) {
      throw new SttError(
        'STT_DUPLICATE',
        'there is a session with this connection id: its packets would be taken for that one’s',
      )
    }
    if (this.#sessions.size >= this.#maxSessions) {
      throw new SttError('STT_LIMIT', `${this.#maxSessions} sessions are open, the most that are allowed`)
    }
    const onClosed = (): void => this.#forget(key, session)
    const session: SessionEngine = new SessionEngine({ ...config, now: this.#config.clock(), onClosed })
    this.#sessions.set(key, session)
    this.#byConnectionId.set(connectionIdKey(session.localCid), session)
    this.#ofPeer(session).add(session)
    this.#created++
    return session
  }

  /**
   * Finds the session of a packet by the connection id in its header. The packet is not verified yet.
   *
   * @returns the session; `handshake` for a packet that `isHandshake` takes; `stray` for any other
   */
  // spec: STT-REC-50
  route(packet: Uint8Array): SessionEngine | 'handshake' | 'stray' {
    const session = isPacket(packet) ? this.#byConnectionId.get(connectionIdKey(packet, 1)) : undefined
    if (session) return session
    return this.#config.isHandshake?.(packet) ? 'handshake' : 'stray'
  }

  /** Whether a session has this connection id. */
  hasConnectionId(id: Uint8Array): boolean {
    return this.#byConnectionId.has(connectionIdKey(id))
  }

  /** The session with this id. */
  get(id: Uint8Array): SessionEngine | undefined {
    return this.#sessions.get(sessionKey(id))
  }

  /** Whether there is a session with this id. */
  has(id: Uint8Array): boolean {
    return this.#sessions.has(sessionKey(id))
  }

  /** The sessions with the node `peerId`, oldest first. */
  findByPeer(peerId: Uint8Array): readonly SessionEngine[] {
    return [...(this.#byPeer.get(keyOf(checkBytes(peerId, 'a node id', NODE_ID_SIZE))) ?? [])]
  }

  /** All sessions, oldest first. */
  list(): readonly SessionEngine[] {
    return [...this.#sessions.values()]
  }

  /**
   * Closes a session once its data is delivered, and resolves when it is gone; with `false` when no session has this id.
   *
   * @param request default: code 0, and 5 s for data that was written
   * @throws SttError `STT_INVALID_ARGUMENT` for a reason above 256 bytes of UTF-8
   */
  async close(id: Uint8Array, request: CloseRequest = DEFAULT_REQUEST): Promise<boolean> {
    const session = this.get(id)
    if (!session) return false
    session.close(request, this.#config.clock())
    const closed = new Promise<void>(resolve => this.#waitFor(session, resolve))
    this.#config.wake(session)
    await closed
    return true
  }

  /** Closes every session and resolves when all are gone. */
  async closeAll(request: CloseRequest = DEFAULT_REQUEST): Promise<void> {
    await Promise.all(this.list().map(session => this.close(session.id, request)))
  }

  /** Moves every open session to fresh keys as soon as the rules allow. @returns how many sessions are open */
  rotateAllKeys(): number {
    let rotated = 0
    for (const session of this.#sessions.values()) {
      if (session.state !== 'active' && session.state !== 'handshaking') continue
      session.rotateKeys()
      this.#config.wake(session)
      rotated++
    }
    return rotated
  }

  /** Ends the sessions that are silent for too long at `now`; their last events are still to be polled. @returns how many */
  expire(now: number): number {
    let expired = 0
    for (const session of this.list()) {
      if (!session.isExpired(now)) continue
      session.onTime(now)
      this.#config.wake(session)
      expired++
    }
    return expired
  }

  /** A snapshot. */
  getStatistics(): SessionManagerStatistics {
    const traffic = { ...this.#gone }
    const byState = { handshaking: 0, active: 0, closing: 0, draining: 0, closed: 0 }
    for (const session of this.#sessions.values()) {
      addTraffic(traffic, session)
      byState[session.state]++
    }
    byState.closed += this.#created - this.#sessions.size
    return Object.freeze({
      sessions: this.#sessions.size,
      byState: Object.freeze(byState),
      created: this.#created,
      ...traffic,
    })
  }

  #waitFor(session: SessionEngine, resolve: () => void): void {
    const waiting = this.#waiting.get(session)
    if (waiting) waiting.push(resolve)
    else this.#waiting.set(session, [resolve])
  }

  #ofPeer({ peerId }: SessionEngine): Set<SessionEngine> {
    const key = keyOf(peerId)
    let sessions = this.#byPeer.get(key)
    if (!sessions) this.#byPeer.set(key, (sessions = new Set()))
    return sessions
  }

  #forget(key: string, session: SessionEngine): void {
    this.#sessions.delete(key)
    this.#byConnectionId.delete(connectionIdKey(session.localCid))
    const ofPeer = this.#ofPeer(session)
    ofPeer.delete(session)
    if (ofPeer.size === 0) this.#byPeer.delete(keyOf(session.peerId))
    addTraffic(this.#gone, session)
    for (const resolve of this.#waiting.get(session) ?? []) resolve()
    this.#waiting.delete(session)
  }
}

const noTraffic = () => ({ bytesSent: 0, bytesReceived: 0, packetsSent: 0, packetsReceived: 0, packetsLost: 0 })

function addTraffic(sum: ReturnType<typeof noTraffic>, session: SessionEngine): void {
  const { bytesSent, bytesReceived, packetsSent, packetsReceived, packetsLost } = session.getStatistics()
  sum.bytesSent += bytesSent
  sum.bytesReceived += bytesReceived
  sum.packetsSent += packetsSent
  sum.packetsReceived += packetsReceived
  sum.packetsLost += packetsLost
}

const sessionKey = (id: Uint8Array): string => keyOf(checkBytes(id, 'the id of a session', SESSION_ID_SIZE))
const keyOf = (bytes: Uint8Array): string => String.fromCharCode(...bytes)

const DEFAULT_MAX_SESSIONS = 10_000
const DEFAULT_REQUEST: CloseRequest = { app: true, code: CloseCode.NoError, reason: '', deadline: 5_000 }
