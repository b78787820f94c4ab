import type { Link, Output } from '@stt/frame'
import { Alarm } from '../time/alarm.ts'
import type { Clock } from '../time/clock.ts'
import type { Guard } from '../time/guard.ts'

/** An engine that asks for its one connection to be opened or closed, and reports other events. */
interface ConnectionEvent {
  readonly type: 'open' | 'close' | (string & {})
}

/** An engine of `@stt/rendezvous` that has one connection. */
export interface ConnectedEngine<Event extends ConnectionEvent> {
  opened(now: number): void
  receive(bytes: Uint8Array, now: number): void
  closed(now: number): void
  networkChanged(now: number): void
  stop(): void
  poll(now: number, unixSeconds: number): Output<Event, undefined>
}

/** How a client of a relay gets to it, and gets the time. */
export interface ClientPlatform {
  readonly clock: Clock
  readonly wallClock: () => number
  readonly guard: Guard
  /** Opens a connection to the relay. */
  readonly open: (signal: AbortSignal) => Promise<Link>
}

export interface ClientLinkConfig<Event extends ConnectionEvent> extends ClientPlatform {
  readonly engine: ConnectedEngine<Event>
  /** Told what the engine says, but for the opening and the end of its connection. */
  readonly onEvent: (event: Exclude<Event, { type: 'open' | 'close' }>) => void
  /** Why no connection could be opened. */
  readonly onFailed?: (reason: string) => void
}

/**
 * Sockets and time around an engine that opens and ends its one connection as it likes: messages of an earlier
 * connection are ignored.
 */
export class ClientLink<Event extends ConnectionEvent> {
  readonly #config: ClientLinkConfig<Event>
  readonly #alarm: Alarm
  #link: Link | undefined
  #opening: AbortController | undefined
  /** Does what the engine says now: to be called after each thing that it was told. */
  readonly drain: () => void

  constructor(config: ClientLinkConfig<Event>) {
    this.#config = config
    this.drain = config.guard.wrap(() => this.#drain())
    this.#alarm = new Alarm(config.clock, this.drain)
  }

  networkChanged(): void {
    const { engine, clock } = this.#config
    engine.networkChanged(clock.now())
    this.drain()
  }

  stop(): void {
    this.#config.engine.stop()
    this.drain()
    this.#alarm.cancel()
  }

  #drain(): void {
    const { engine, clock, wallClock, onEvent } = this.#config
    for (;;) {
      const output = engine.poll(clock.now(), Math.floor(wallClock() / 1_000))
      if (output.type === 'timeout') return this.#alarm.set(output.at)
      if (output.type === 'transmit') this.#link?.send(output.packet)
      else if (output.event.type === 'open') this.#open()
      else if (output.event.type === 'close') this.#close()
      else onEvent(output.event as Exclude<Event, { type: 'open' | 'close' }>)
    }
  }

  #open(): void {
    const { open, guard, clock, engine, onFailed } = this.#config
    const drain = (): void => this.#drain()
    const opening = new AbortController()
    this.#opening = opening
    const failed = guard.wrap((cause: unknown) => {
      if (this.#opening !== opening) return
      this.#opening = undefined
      onFailed?.(cause instanceof Error ? cause.message : String(cause))
      engine.closed(clock.now())
      drain()
    })
    const opened = guard.wrap((link: Link) => {
      if (this.#opening !== opening) return link.close()
      this.#opening = undefined
      this.#link = link
      link.onPacket = guard.wrap((bytes: Uint8Array) => {
        if (this.#link !== link) return
        engine.receive(bytes, clock.now())
        drain()
      })
      link.onClose = guard.wrap(() => {
        if (this.#link !== link) return
        this.#link = undefined
        engine.closed(clock.now())
        drain()
      })
      engine.opened(clock.now())
      drain()
    })
    void open(opening.signal).then(opened, failed)
  }

  #close(): void {
    const opening = this.#opening
    this.#opening = undefined
    opening?.abort()
    const link = this.#link
    this.#link = undefined
    link?.close()
  }
}
