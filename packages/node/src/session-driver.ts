import type { Link } from '@stt/frame'
import type { PathController, Session as SessionEngine, SessionEvent } from '@stt/session'
import type { StreamEvent, StreamManager } from '@stt/stream'
import { Alarm } from './alarm.ts'
import type { Clock } from './clock.ts'

/** Who is told what comes out of a session. Called outside of any call of the application's. */
export interface SessionHandler {
  onEvent(event: SessionEvent): void
  onStreamEvent(event: StreamEvent): void
  /** Something of ours threw: the session cannot be trusted any more. */
  onFault(error: unknown): void
}

/** Moves bytes, time and events between one session engine, its streams, its link and one timer. */
export class SessionDriver {
  readonly engine: SessionEngine
  readonly streams: StreamManager
  readonly #handler: SessionHandler
  readonly #clock: Clock
  readonly #alarm: Alarm
  readonly #drainTask = (): void => this.#drain()
  /** How often idle streams are looked for: one ends at most this much too late. */
  readonly #expiryPeriod: number
  #expireAt: number
  #scheduled = false
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
    this.#alarm = new Alarm(clock, () => this.#drain())
    this.#handler = handler
    this.#expiryPeriod = streamIdle > 0 ? streamIdle / 4 : Number.POSITIVE_INFINITY
    this.#expireAt = clock.now() + this.#expiryPeriod
  }

  /** Carries the session over `link` from now on. */
  attach(link: Link, controller?: PathController): void {
    this.engine.attach(link, controller)
    link.onPacket = packet => this.receive(packet, link)
    link.onDrain = () => {
      this.engine.setWritable(link, true)
      this.schedule()
    }
    link.onClose = () => {
      this.engine.detach(link, this.#clock.now())
      this.schedule()
    }
    this.schedule()
  }

  receive(packet: Uint8Array, link: Link): void {
    this.engine.receive(packet, this.#clock.now(), link)
    this.schedule()
  }

  /** To be called after anything was asked of the engine or a stream: what follows from it happens right after. */
  schedule(): void {
    if (this.#scheduled || this.#stopped) return
    this.#scheduled = true
    // Whatever else is asked for in this turn goes into the same packets. The task catches all it throws.
    queueMicrotask(this.#drainTask)
  }

  /** Ends the driving; the link is closed after what was sent. */
  stop(): void {
    this.#stopped = true
    this.#alarm.cancel()
    this.engine.link?.close()
  }

  #drain(): void {
    this.#scheduled = false
    if (this.#stopped) return
    try {
      while (this.#step()) if (this.#stopped) return
    } catch (error) {
      this.#handler.onFault(error)
    }
  }

  #expireStreams(now: number): void {
    this.streams.expire(now)
    this.#expireAt = now + this.#expiryPeriod
  }

  /** @returns whether there may be more to do now */
  #step(): boolean {
    const now = this.#clock.now()
    if (now >= this.#expireAt) this.#expireStreams(now)
    const output = this.engine.poll(now)
    if (output.type === 'transmit') {
      if (!output.link.send(output.packet)) this.engine.setWritable(output.link, false)
      return true
    }
    if (output.type === 'event') {
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
