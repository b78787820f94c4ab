import { performance } from 'node:perf_hooks'
import { RegistryEngine, type RegistryEvent, type RegistryStatistics, type RelayEngineOptions } from '@stt/rendezvous'
import type { WebSocketLink, WebSocketOrigin } from '@stt/transport-ws'
import { legOriginOf } from './leg-origin.ts'
import { Paced } from './store/paced.ts'
import type { SharedStore } from './store/shared-store.ts'
import { Wakeup } from './wakeup.ts'

export interface RegistryServerOptions extends RelayEngineOptions {
  /** What throws in a timer or a socket's callback ends that call, and never the process. */
  readonly guard: (call: () => void) => void
  /** Of one of several instances. */
  readonly shared?: SharedStore | undefined
}

/** Gives a relay's registry its connections and the time, and does what it says. */
export class RegistryServer {
  readonly #engine: RegistryEngine<WebSocketLink>
  readonly #wakeup: Wakeup
  readonly #paced: Paced
  readonly #shared: SharedStore | undefined
  readonly #guard: (call: () => void) => void
  /** Connections that wait for the other instances. */
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

  /** A connection that was upgraded. */
  take(link: WebSocketLink, origin: WebSocketOrigin): void {
    link.onPacket = message => {
      this.#engine.receive(link, message, performance.now())
      this.#drain()
    }
    // Who does not read what it asked for is not heard until it does.
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

  /** The other instances may have forgotten what is kept here. */
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

  /** Does what follows until there is nothing to do before a certain time. */
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

  /** One thing at a time for a connection: answers come in the order of what was asked. */
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
