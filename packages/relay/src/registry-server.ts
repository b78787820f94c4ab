import { performance } from 'node:perf_hooks'
import {
  RegistryEngine,
  type RegistryEvent,
  type RegistryStatistics,
  type RelayEngineOptions,
} from '@stt/rendezvous/server'
import type { WebSocketLink, WebSocketOrigin } from '@stt/transport-ws'
import { legOriginOf } from './leg-origin.ts'
import { Paced } from './store/paced.ts'
import type { SharedStore } from './store/shared-store.ts'
import { Wakeup } from './wakeup.ts'

export interface RegistryServerOptions extends RelayEngineOptions {
  /** Calls a function and reports what it throws, so that an error in a timer or socket callback does not end the process. */
  readonly guard: (call: () => void) => void
  /** The store of several instances; undefined for a single relay. */
  readonly shared?: SharedStore | undefined
}

/** Drives the registry's engine: gives it connections and the time, and carries out its outputs. */
export class RegistryServer {
  readonly #engine: RegistryEngine<WebSocketLink>
  readonly #wakeup: Wakeup
  readonly #paced: Paced
  readonly #shared: SharedStore | undefined
  readonly #guard: (call: () => void) => void
  /** Connections whose question waits for the store. */
  readonly #asking = new Set<WebSocketLink>()

  constructor({ guard, shared, ...options }: RegistryServerOptions) {
    this.#engine = new RegistryEngine(options)
    this.#guard = guard
    this.#shared = shared
    this.#paced = new Paced(guard)
    this.#wakeup = new Wakeup(() => guard(() => this.#drain()))
  }

  getStatistics(): RegistryStatistics {
    return this.#engine.getStatistics()
  }

  /** Serves a new connection. */
  take(link: WebSocketLink, origin: WebSocketOrigin): void {
    link.onPacket = message => {
      this.#engine.receive(link, message, performance.now())
      this.#drain()
    }
    // A client that does not read its answers is not read either.
    link.onDrain = () => {
      if (!this.#asking.has(link)) link.resume()
    }
    link.onClose = () => {
      this.#asking.delete(link)
      this.#engine.closed(link, performance.now())
      this.#drain()
    }
    this.#engine.opened(link, legOriginOf(origin), performance.now(), Math.floor(Date.now() / 1_000))
    this.#drain()
  }

  /** Puts all records into the store again, which may have forgotten them. */
  tellAgain(): void {
    const since = performance.now()
    this.#paced.run(this.#engine.records(since), record => {
      const ttl = record.ttl - Math.ceil((performance.now() - since) / 1_000)
      if (ttl > 0) void this.#shared?.keep({ ...record, ttl }, true)
    })
  }

  stop(): void {
    this.#wakeup.cancel()
    this.#paced.stop()
  }

  /** Carries out all outputs of the engine, and sets the timer for the next one. */
  #drain(): void {
    for (;;) {
      const now = performance.now()
      const output = this.#engine.poll(now)
      if (output.type === 'timeout') return this.#wakeup.at(output.at, now)
      if (output.type === 'event') this.#handle(output.event)
      // spec: STT-REG-10
      else if (!output.to.send(output.packet)) output.to.pause()
    }
  }

  #handle(event: RegistryEvent<WebSocketLink>): void {
    if (event.type === 'proved') event.link.confirm()
    else if (event.type === 'puts' || event.type === 'gets') this.#ask(event)
    else if (event.code === 1000) event.link.close()
    else event.link.refuse(event.code, event.reason)
  }

  /** Asks the store one thing at a time for each connection, so answers come in the order of the questions. */
  // spec: STT-REG-5
  #ask(event: Extract<RegistryEvent<WebSocketLink>, { type: 'puts' | 'gets' }>): void {
    const { link } = event
    const shared = this.#shared!
    this.#asking.add(link)
    link.pause()
    const answered = (tell: () => void): void =>
      this.#guard(() => {
        if (this.#asking.delete(link)) link.resume()
        tell()
        this.#drain()
      })
    if (event.type === 'puts') {
      const { record } = event
      void shared
        .keep(record)
        .then(isKept => answered(() => this.#engine.stored(link, record, isKept, performance.now())))
    } else {
      const { topic } = event
      void shared.members(topic).then(found => answered(() => this.#engine.found(link, topic, found, shared.isUp)))
    }
  }
}
