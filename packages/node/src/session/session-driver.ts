import type { Link } from '@stt/frame'
import type { PathInfo, SessionEngine, SessionEvent } from '@stt/session'
import type { StreamEvent, StreamManager } from '@stt/stream'
import { Alarm } from '../time/alarm.ts'
import type { Clock } from '../time/clock.ts'

/** Receives the events of a session, never inside a call of the application. */
export interface SessionHandler {
  onEvent(event: SessionEvent): void
  onStreamEvent(event: StreamEvent): void
  /** The session has a link from now on. */
  onLinkTaken(link: Link): void
  /** One of the session's links is gone. */
  onLinkEnded(link: Link, cause: Error | undefined): void
  /** STT itself threw: the session cannot be trusted any more. */
  onFault(error: unknown): void
  /** All that followed from calls and packets was done. */
  onDrained(): void
}

/** Moves bytes, time and events between one session engine, its streams, its links and one timer. */
export class SessionDriver {
  readonly engine: SessionEngine
  readonly streams: StreamManager
  readonly #handler: SessionHandler
  readonly #clock: Clock
  readonly #alarm: Alarm
  readonly #drainTask = (): void => this.#drain()
  readonly #afterReads = (): void => {
    if (this.#reading) this.#drain()
  }
  /** How often idle streams are looked for: one ends at most this much too late. */
  readonly #expiryPeriod: number
  #expireAt: number
  /** The alarm is due and has not rung yet. */
  #postponed = false
  #rangLate = false
  #scheduled = false
  /** Work that arrived packets cause waits for the packets behind them. */
  #reading = false
  /** Whether the last packet came over a link whose packets may lie in a socket together. */
  #readsDatagrams = false
  /** When the last such packet and what followed from it had been dealt with. */
  #busyUntil = Number.NEGATIVE_INFINITY
  #stopped = false

  constructor(
    engine: SessionEngine,
    streams: StreamManager,
    clock: Clock,
    streamIdle: number,
    handler: SessionHandler,
  ) {
    this.engine = engine
    this.streams = streams
    this.#clock = clock
    this.#alarm = new Alarm(clock, lateness => this.#ring(lateness))
    this.#handler = handler
    this.#expiryPeriod = streamIdle > 0 ? streamIdle / 4 : Number.POSITIVE_INFINITY
    this.#expireAt = clock.now() + this.#expiryPeriod
  }

  /** Carries the session over a link from now on. @param tier one of `Tier`, where that is known */
  attach(link: Link, tier?: number): void {
    this.engine.attach(link, tier)
    this.#take(link)
    this.schedule()
  }

  /** Whether this program stood still and goes on only now: what came meanwhile may not have been read. */
  get isOverdue(): boolean {
    return this.#alarm.lateness(this.#clock.now()) > STALL
  }

  get needsPath(): boolean {
    return this.engine.needsPath
  }

  /** The state of each path, the one in use first. */
  get paths(): readonly PathInfo[] {
    return this.engine.getPaths()
  }

  /** Takes in a link that this side opened. A session that has ended meanwhile closes it. */
  takeIn(link: Link, tier?: number): void {
    try {
      this.engine.addPath(link, tier, this.#clock.now())
    } catch {
      return link.close()
    }
    this.schedule()
  }

  /** A link ended, or is to be used no more. */
  leave(link: Link, cause?: Error): void {
    this.#guarded(() => {
      this.engine.detach(link, cause, this.#clock.now())
      this.#handler.onLinkEnded(link, cause)
    })
    this.schedule()
  }

  /** Lets a link go that the session has no use for. */
  letGo(link: Link): void {
    this.leave(link)
    link.close()
  }

  /** Ends the session as if it had been silent for its idle time. */
  endAsSilent(): void {
    this.engine.endAsSilent(this.#clock.now())
    this.schedule()
  }

  /** This machine may be in another network: whether the paths still work is found out at once. */
  onNetworkChange(): void {
    this.#guarded(() => this.engine.onNetworkChange(this.#clock.now()))
    this.schedule()
  }

  /**
   * Never throws: an error ends this session, not the socket's reader.
   *
   * @returns whether the packet is one of the session's peer
   */
  receive(packet: Uint8Array, link: Link): boolean {
    try {
      const now = this.#clock.now()
      this.#isPostponed(now)
      const isAuthentic = this.engine.receive(packet, link, now)
      if (link.lossy && now - this.#busyUntil < DENSE) this.#scheduleAfterReads()
      else this.schedule()
      this.#readsDatagrams = link.lossy
      if (link.lossy) this.#busyUntil = this.#clock.now()
      return isAuthentic
    } catch (error) {
      this.#handler.onFault(error)
      return false
    }
  }

  /** To be called after anything was asked of the engine or a stream: what follows from it happens right after. */
  schedule(): void {
    if (this.#scheduled || this.#stopped) return
    this.#scheduled = true
    // Whatever else is asked for in this turn goes into the same packets. The task catches all it throws.
    queueMicrotask(this.#drainTask)
  }

  /** One ACK, one turn of the reader and one look at what is due serve all packets that arrived together. */
  #scheduleAfterReads(): void {
    if (this.#reading || this.#scheduled || this.#stopped) return
    this.#reading = true
    this.#clock.afterReads(this.#afterReads)
  }

  /** Ends the driving; the links are closed after what was sent. */
  // spec: STT-WS-27
  stop(): void {
    this.#stopped = true
    this.#alarm.cancel()
    for (const link of this.engine.links) link.close()
  }

  /** For what is called seldom: a closure for each packet would cost too much. */
  #guarded(act: () => void): void {
    try {
      act()
    } catch (error) {
      this.#handler.onFault(error)
    }
  }

  #ring(lateness: number): void {
    this.#rangLate = lateness > STALL && !this.#rangLate
    if (this.#rangLate) {
      const now = this.#clock.now()
      this.#guarded(() => this.#onStall(now))
      return this.#alarm.set(now)
    }
    this.#postponed = false
    this.#drain()
  }

  /** Whether the program has just stood still, and goes on with the alarm. */
  // spec: STT-REC-7
  #isPostponed(now: number): boolean {
    if (!this.#postponed && this.#alarm.lateness(now) > STALL) this.#onStall(now)
    return this.#postponed
  }

  /**
   * The program stood still. What would show that nothing is lost may wait in the socket, and the sockets are read
   * before the next alarm: nothing is done until then. That happens once, lest a machine that is always late never
   * goes on.
   */
  #onStall(now: number): void {
    this.#postponed = true
    this.engine.onStall(now)
  }

  #drain(): void {
    this.#scheduled = false
    this.#reading = false
    if (this.#stopped) return
    try {
      const now = this.#clock.now()
      if (this.#isPostponed(now)) return
      for (let more = this.#step(now); more; more = this.#step(this.#clock.now())) if (this.#stopped) return
    } catch (error) {
      this.#handler.onFault(error)
    }
    if (this.#readsDatagrams) this.#busyUntil = this.#clock.now()
    this.#handler.onDrained()
  }

  #onPath(event: SessionEvent): void {
    if (event.type === 'path-opened') this.#take(event.link)
    if (event.type === 'path-closed') event.link.close()
  }

  /** From now on the session handles the link's packets and its end. */
  #take(link: Link): void {
    link.onPacket = packet => void this.receive(packet, link)
    link.onDrain = () => {
      this.#guarded(() => this.engine.setWritable(link, true))
      this.schedule()
    }
    link.onClose = reason => this.leave(link, reason)
    link.onUnreachable = () => {
      this.#guarded(() => this.engine.onUnreachable(link, this.#clock.now()))
      this.schedule()
    }
    this.#handler.onLinkTaken(link)
  }

  #expireStreams(now: number): void {
    this.streams.expire(now)
    this.#expireAt = now + this.#expiryPeriod
  }

  /** @returns whether there may be more to do now */
  #step(now: number): boolean {
    if (now >= this.#expireAt) this.#expireStreams(now)
    const output = this.engine.poll(now)
    if (output.type === 'transmit') {
      if (!output.to.send(output.packet)) this.engine.setWritable(output.to, false)
      return true
    }
    if (output.type === 'event') {
      this.#onPath(output.event)
      this.#handler.onEvent(output.event)
      return true
    }
    const event = this.streams.pollEvent()
    if (!event) {
      this.#alarm.set(Math.min(output.at, this.#expireAt))
      return false
    }
    this.#handler.onStreamEvent(event)
    for (let more = this.streams.pollEvent(); more; more = this.streams.pollEvent()) this.#handler.onStreamEvent(more)
    return true
  }
}

/** Milliseconds: a datagram that is read so soon lay in the socket with the one before. */
const DENSE = 0.02

/** Milliseconds: timers are late by less where nothing stands still. */
const STALL = 20
