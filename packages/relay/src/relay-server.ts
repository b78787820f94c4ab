import { performance } from 'node:perf_hooks'
import { isSttError } from '@stt/errors'
import {
  type Circuit,
  type RegistryStatistics,
  RelayEngine,
  type RelayEngineOptions,
  type RelayEvent,
  type RelayStatistics,
  resolveRelayLimits,
} from '@stt/rendezvous/server'
import type { WebSocketLink, WebSocketListenerStatistics, WebSocketOrigin } from '@stt/transport-ws'
import { legOriginOf } from './leg-origin.ts'
import { Splice } from './splice.ts'
import { RelaySharing } from './store/relay-sharing.ts'
import type { SharedStore, SharedStoreStatistics } from './store/shared-store.ts'
import { Wakeup } from './wakeup.ts'

/** Statistics of a relay: of its engine, and of the parts around it. */
export interface RelayServerStatistics extends RelayStatistics {
  /** The registry, in which nodes find each other. */
  readonly registry: RegistryStatistics
  /** The WebSocket connections. */
  readonly links: WebSocketListenerStatistics
  /** Datagrams that were answered with the address that they came from. */
  readonly addressesTold: number
  /** The store of several instances; undefined for a single relay. */
  readonly shared: SharedStoreStatistics | undefined
  /** Internal errors. Each one ended only the call in which it was thrown. */
  readonly faults: number
}

export interface RelayServerOptions extends RelayEngineOptions {
  /** Calls a function and reports what it throws, so that an error in a timer or socket callback does not end the process. */
  readonly guard: (call: () => void) => void
  /** Called with a line for each event. */
  readonly log: (line: string) => void
  /** Whether lines contain addresses. */
  readonly logsAddresses: boolean
  /** The store of several instances; undefined for a single relay. */
  readonly shared?: SharedStore | undefined
}

/** Drives a relay's engine: gives it connections and the time, and carries out its outputs. */
export class RelayServer {
  readonly #engine: RelayEngine<WebSocketLink>
  readonly #log: (line: string) => void
  readonly #logsAddresses: boolean
  readonly #guard: (call: () => void) => void
  readonly #splices = new Map<WebSocketLink, OpenCircuit>()
  readonly #wakeup: Wakeup
  readonly #sharing: RelaySharing | undefined
  #circuitNumber = 0
  #onIdle: () => void = () => {}

  constructor({ log, logsAddresses, guard, shared, ...options }: RelayServerOptions) {
    this.#engine = new RelayEngine(options)
    this.#guard = guard
    this.#wakeup = new Wakeup(() => guard(() => this.#drain()))
    this.#log = log
    this.#logsAddresses = logsAddresses
    const limits = resolveRelayLimits(options.limits, this.#engine.isOpen)
    this.#sharing =
      shared && new RelaySharing({ shared, engine: this.#engine, limits, guard, drain: () => this.#drain() })
  }

  getStatistics(): RelayStatistics {
    return this.#engine.getStatistics()
  }

  /** Serves a new connection. */
  take(link: WebSocketLink, origin: WebSocketOrigin): void {
    link.onPacket = message => {
      this.#engine.receive(link, message, performance.now())
      this.#drain()
    }
    link.onClose = cause => this.#guard(() => this.#closed(link, cause))
    this.#engine.opened(link, legOriginOf(origin), performance.now(), Math.floor(Date.now() / 1_000))
    this.#drain()
  }

  /** Takes news of a name from another instance. */
  onNews(type: 'contested' | 'moved', mailbox: Uint8Array): void {
    if (type === 'contested') this.#engine.contested(mailbox, performance.now())
    else this.#engine.moved(mailbox)
    this.#drain()
  }

  /** Tells the store again who listens here, because it may have forgotten. */
  tellAgain(): void {
    this.#sharing?.again()
  }

  goAway(): void {
    this.#engine.goAway()
    this.#drain()
  }

  /** Calls back when no circuit is left: at once, or when the last one ends. */
  whenIdle(callback: () => void): void {
    this.#onIdle = callback
    if (this.#splices.size === 0) callback()
  }

  stop(): void {
    this.#wakeup.cancel()
    this.#sharing?.stop()
  }

  #closed(link: WebSocketLink, cause: Error | undefined): void {
    this.#engine.closed(link, performance.now(), limitOf(cause))
    const open = this.#splices.get(link)
    if (open) this.#ended(open)
    this.#drain()
  }

  /** Carries out all outputs of the engine, and sets the timer for the next one. */
  #drain(): void {
    for (;;) {
      const now = performance.now()
      const output = this.#engine.poll(now)
      if (output.type === 'transmit') output.to.send(output.packet)
      else if (output.type === 'event') this.#handle(output.event)
      else return this.#wakeup.at(output.at, now)
    }
  }

  #handle(event: RelayEvent<WebSocketLink>): void {
    if (event.type === 'proved') event.link.confirm()
    else if (event.type === 'spliced') this.#spliced(event.circuit)
    else if (event.type !== 'close') this.#sharing?.handle(event)
    else if (event.code === 1000) event.link.close()
    else event.link.refuse(event.code, event.reason)
  }

  #spliced(circuit: Circuit<WebSocketLink>): void {
    const { dialer, acceptor } = circuit
    const number = ++this.#circuitNumber
    const splice = new Splice(dialer, acceptor, size => {
      const wait = this.#engine.carry(circuit, size, performance.now())
      if (wait === Number.POSITIVE_INFINITY) this.#drain()
      return wait
    })
    const open: OpenCircuit = { number, circuit, splice }
    for (const link of [dialer, acceptor]) this.#splices.set(link, open)
    this.#log(`circuit ${number} begins${this.#who(circuit)}`)
  }

  #ended({ number, circuit, splice }: OpenCircuit): void {
    splice.end()
    for (const link of [circuit.dialer, circuit.acceptor]) this.#splices.delete(link)
    this.#log(`circuit ${number} has ended after ${circuit.bytes} bytes`)
    if (this.#splices.size === 0) this.#onIdle()
  }

  #who({ dialer, acceptor }: Circuit<WebSocketLink>): string {
    return this.#logsAddresses ? ` from ${dialer.remote} to ${acceptor.remote}` : ''
  }
}

interface OpenCircuit {
  readonly number: number
  readonly circuit: Circuit<WebSocketLink>
  readonly splice: Splice
}

/** The limit that a link names if it closed because its end is full. */
const limitOf = (cause: Error | undefined): string | undefined =>
  isSttError(cause, 'STT_BUSY') ? String(cause.details['limit'] ?? '') : undefined
