import { isPacket, type Link } from '@stt/frame'
import { isHandshake } from '@stt/handshake'
import { type SessionEngine, SessionManager } from '@stt/session'
import type { StrayPackets } from '../listen/stray-packets.ts'
import type { NodeWatcher } from '../observe/observer.ts'
import type { SessionHandle } from '../session/session-core.ts'
import type { SessionDriver } from '../session/session-driver.ts'
import type { StreamCore } from '../stream/stream-core.ts'
import type { Clock } from '../time/clock.ts'
import type { HandshakeOrigin, Handshakes } from './handshakes.ts'

export interface EndpointConfig {
  readonly clock: Clock
  readonly handshakes: Handshakes
  /** Undefined where the node cannot be dialed. */
  readonly strayPackets: StrayPackets | undefined
  readonly watcher: NodeWatcher | undefined
}

/**
 * Where every packet of a node comes in that no session has asked for: whatever link it comes over, its connection id says
 * whose it is, a session's or a handshake's.
 */
export class Endpoint<S extends StreamCore = StreamCore> {
  readonly sessions: SessionManager
  readonly #config: EndpointConfig
  readonly #handles = new Map<SessionEngine, SessionHandle<S>>()
  /** Links that came and have no session yet, each with what to do once one has it. */
  readonly #arriving = new Map<Link, () => void>()

  constructor(config: EndpointConfig) {
    const { clock, handshakes } = config
    this.#config = config
    this.sessions = new SessionManager({
      clock: () => clock.now(),
      wake: session => this.#driverOf(session)?.schedule(),
      isHandshake: packet => isHandshake(packet) || handshakes.hasRunOf(packet),
      maxSessions: Number.MAX_SAFE_INTEGER,
    })
  }

  /** The sessions that are not gone, oldest first. */
  get handles(): Iterable<SessionHandle<S>> {
    return this.#handles.values()
  }

  /** Those with one node. */
  handlesOf(peerId: Uint8Array): SessionHandle<S>[] {
    return this.sessions.findByPeer(peerId).flatMap(session => this.#handles.get(session) ?? [])
  }

  handleOf(session: SessionHandle<S>['session']): SessionHandle<S> | undefined {
    for (const handle of this.#handles.values()) if (handle.session === session) return handle
    return undefined
  }

  get size(): number {
    return this.#handles.size
  }

  add(session: SessionEngine, handle: SessionHandle<S>): void {
    this.#handles.set(session, handle)
  }

  remove(session: SessionEngine): void {
    this.#handles.delete(session)
  }

  /**
   * Takes a packet that came over a link without a session.
   *
   * @param originOf what the handshakes know the link by, made only for what is theirs
   * @param onReset given with the first message of a link that is not lossy: called when that was answered with a reset
   * @returns whether it was of use: a link that carries too much useless data is closed
   */
  receive(packet: Uint8Array, link: Link, originOf: (link: Link) => HandshakeOrigin, onReset?: () => void): boolean {
    // spec: STT-PKT-39 (else an observer of an id could send it to another listener and learn its token)
    const route = this.sessions.route(packet)
    if (route === 'stray' && (link.lossy || (onReset && isPacket(packet)))) {
      if (this.#answerStray(packet, link)) onReset?.()
      return false
    }
    if (typeof route === 'string') return this.#config.handshakes.receive(originOf(link), packet)
    return this.#driverOf(route)?.receive(packet, link) ?? false
  }

  /** Takes a packet at a socket that serves only existing sessions. */
  deliver(packet: Uint8Array, link: Link): void {
    const route = this.sessions.route(packet)
    if (typeof route !== 'string') this.#driverOf(route)?.receive(packet, link)
  }

  /** A link came. @param settle called once, when a session has taken it over */
  arrived(link: Link, settle: () => void): void {
    this.#arriving.set(link, settle)
  }

  /** A session has taken the link over, or it is gone. */
  settle(link: Link): void {
    const settle = this.#arriving.get(link)
    this.#arriving.delete(link)
    settle?.()
  }

  #driverOf(session: SessionEngine): SessionDriver | undefined {
    return this.#handles.get(session)?.driver
  }

  /** Garbage, or a packet of a session that is gone. @returns whether it was answered */
  #answerStray(packet: Uint8Array, link: Link): boolean {
    const { strayPackets, watcher, clock } = this.#config
    const reset = strayPackets?.answer(packet, clock.now(), link.remote)
    watcher?.onStrayPacket(link.remote, packet.length, reset !== undefined)
    if (reset) link.send(reset)
    return reset !== undefined
  }
}
