import type { Link } from '@stt/frame'
import type { Clock } from '../clock.ts'
import type { Guard } from '../guard.ts'

/** What an engine is told of its one connection. */
export interface ConnectedEngine {
  opened(now: number): void
  receive(bytes: Uint8Array, now: number): void
  closed(now: number): void
}

export interface ClientLinkConfig {
  readonly clock: Clock
  readonly guard: Guard
  /** Opens a connection to the relay. */
  readonly open: (signal: AbortSignal) => Promise<Link>
  readonly engine: ConnectedEngine
  /** Does what the engine says, after each thing that it was told. */
  readonly drain: () => void
  /** Why no connection could be opened. */
  readonly onFailed?: (reason: string) => void
}

/** The one connection of an engine that opens and ends it as it likes: what still comes of an earlier one is nobody's. */
export class ClientLink {
  readonly #config: ClientLinkConfig
  #link: Link | undefined
  #opening: AbortController | undefined

  constructor(config: ClientLinkConfig) {
    this.#config = config
  }

  send(packet: Uint8Array): void {
    this.#link?.send(packet)
  }

  open(): void {
    const { open, guard, clock, engine, drain, onFailed } = this.#config
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

  close(): void {
    const opening = this.#opening
    this.#opening = undefined
    opening?.abort()
    const link = this.#link
    this.#link = undefined
    link?.close()
  }
}
