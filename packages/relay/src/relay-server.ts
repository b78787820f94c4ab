import { performance } from 'node:perf_hooks'
import { isSttError } from '@stt/errors'
import type { Candidate } from '@stt/frame'
import {
  type Circuit,
  RelayEngine,
  type RelayEngineOptions,
  type RelayEvent,
  type RelayStatistics,
} from '@stt/rendezvous'
import {
  addressGroup,
  type WebSocketLink,
  type WebSocketListenerStatistics,
  type WebSocketOrigin,
} from '@stt/transport-ws'
import { Splice } from './splice.ts'

export interface RelayServerStatistics extends RelayStatistics {
  /** The connections beneath. */
  readonly links: WebSocketListenerStatistics
  /** Datagrams that were told where they came from. */
  readonly addressesTold: number
  /** Errors of the relay itself: each ended what it was about, and nothing else. */
  readonly faults: number
}

export interface RelayServerOptions extends RelayEngineOptions {
  /** Told, in a line, what happens. */
  readonly log: (line: string) => void
  /** Whether lines say who. */
  readonly logsAddresses: boolean
}

/** Gives a relay's engine its connections and the time, and does what it says. */
export class RelayServer {
  readonly #engine: RelayEngine<WebSocketLink>
  readonly #log: (line: string) => void
  readonly #logsAddresses: boolean
  readonly #splices = new Map<WebSocketLink, OpenCircuit>()
  #timer: NodeJS.Timeout | undefined
  #faults = 0
  #circuitNumber = 0
  #onIdle: () => void = () => {}

  constructor({ log, logsAddresses, ...options }: RelayServerOptions) {
    this.#engine = new RelayEngine(options)
    this.#log = log
    this.#logsAddresses = logsAddresses
  }

  getStatistics(): RelayStatistics & { readonly faults: number } {
    return { ...this.#engine.getStatistics(), faults: this.#faults }
  }

  /** A connection that was upgraded. */
  take(link: WebSocketLink, { address, isShared, port }: WebSocketOrigin): void {
    link.onPacket = message => {
      this.#engine.receive(link, message, performance.now())
      this.#drain()
    }
    link.onClose = cause => this.#guard(() => this.#closed(link, cause))
    // Of an address that many share nothing is counted, and nothing told.
    const known = isShared ? {} : { address: addressGroup(address), observed: candidateOf(address, port) }
    this.#engine.opened(link, known, performance.now(), Math.floor(Date.now() / 1_000))
    this.#drain()
  }

  goAway(): void {
    this.#engine.goAway()
    this.#drain()
  }

  /** Calls back when no circuit is left: now, or when the last one ends. */
  whenIdle(callback: () => void): void {
    this.#onIdle = callback
    if (this.#splices.size === 0) callback()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #closed(link: WebSocketLink, cause: Error | undefined): void {
    this.#engine.closed(link, performance.now(), limitOf(cause))
    const open = this.#splices.get(link)
    if (open) this.#ended(open)
    this.#drain()
  }

  /** Does what follows until there is nothing to do before a certain time. */
  #drain(): void {
    for (;;) {
      const now = performance.now()
      const output = this.#engine.poll(now)
      if (output.type === 'transmit') output.to.send(output.packet)
      else if (output.type === 'event') this.#handle(output.event)
      else return this.#wakeAt(output.at, now)
    }
  }

  #wakeAt(at: number, now: number): void {
    clearTimeout(this.#timer)
    if (at === Number.POSITIVE_INFINITY) return
    // Rounded up: a timer that comes too early would only be set again.
    this.#timer = setTimeout(() => this.#guard(() => this.#drain()), Math.min(Math.ceil(at - now), LONGEST_TIMER))
    this.#timer.unref()
  }

  #handle(event: RelayEvent<WebSocketLink>): void {
    if (event.type === 'proved') event.link.confirm()
    else if (event.type === 'spliced') this.#spliced(event.circuit)
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

  /** What throws where a socket or a timer calls ends that call, and never the process. */
  #guard(call: () => void): void {
    try {
      call()
    } catch (cause) {
      this.#faults++
      this.#log(`fault: ${cause instanceof Error ? cause.stack : String(cause)}`)
    }
  }
}

interface OpenCircuit {
  readonly number: number
  readonly circuit: Circuit<WebSocketLink>
  readonly splice: Splice
}

/** What leaves no place at the end that closed, where it closed for that: only what can be such a name is told on. */
const limitOf = (cause: Error | undefined): string | undefined =>
  isSttError(cause, 'STT_BUSY') ? String(cause.details['limit'] ?? '') : undefined

/** Behind a proxy the port is the proxy's; of a link-local address others can make nothing. */
function candidateOf(address: string, port: number): Candidate | undefined {
  return address === '' || address.includes('%') ? undefined : { source: 'observed', address, port }
}

/** Milliseconds: what a timer takes. */
const LONGEST_TIMER = 2 ** 31 - 1
