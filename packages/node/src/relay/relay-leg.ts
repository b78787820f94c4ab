import type { Entropy } from '@stt/crypto'
import { type Greeting, type MailboxClaim, type No, RelayListener, type RelayListenerEvent } from '@stt/rendezvous'
import { ClientLink, type ClientPlatform } from './client-link.ts'

export interface RelayLegConfig extends ClientPlatform {
  readonly url: string
  readonly access: Uint8Array
  readonly claims: (hours: readonly [number, number]) => readonly MailboxClaim[]
  readonly entropy: Entropy
  /** Somebody dials: `done` is called when that has been seen to, however it ends. */
  readonly onIncoming: (incoming: { readonly ticket: Uint8Array; readonly url: string }, done: () => void) => void
  readonly onGreeted: (greeting: Greeting) => void
  readonly onRefused: (no: No) => void
  /** Whether it listens, or since when not, is another than before. */
  readonly onChanged: () => void
}

/** Keeps a node listening at one relay. */
export class RelayLeg {
  readonly #config: RelayLegConfig
  readonly #engine: RelayListener
  readonly #link: ClientLink<RelayListenerEvent>
  /** Since when it listens, or does not. */
  since: number
  isListening = false
  problem: string | undefined
  /** How often it could not be reached, or was lost. */
  losses = 0

  constructor(config: RelayLegConfig) {
    const { url, access, claims, entropy, clock } = config
    this.#config = config
    this.since = clock.now()
    this.#engine = new RelayListener({ url, access, claims, entropy }, clock.now())
    this.#link = new ClientLink({
      ...config,
      engine: this.#engine,
      onEvent: event => this.#handle(event),
      onFailed: reason => {
        this.problem = reason
      },
    })
  }

  get url(): string {
    return this.#config.url
  }

  start(): void {
    this.#link.drain()
  }

  networkChanged(): void {
    this.#link.networkChanged()
  }

  stop(): void {
    this.#link.stop()
  }

  #handle(event: Exclude<RelayListenerEvent, { type: 'open' | 'close' }>): void {
    if (event.type === 'greeted') this.#config.onGreeted(event.greeting)
    else if (event.type === 'listening') this.#changed(true)
    else if (event.type === 'going-away') this.#onGoingAway()
    else if (event.type === 'lost') this.#onLost(event.reason)
    else if (event.type === 'refused') {
      const problem = `it said no: ${event.no.reason}`
      if (this.problem !== problem) this.#config.onRefused(event.no)
      this.problem = problem
    } else this.#config.onIncoming(event, () => this.#engine.accepted())
  }

  #onLost(reason: string): void {
    this.losses++
    this.#changed(false, this.problem ?? reason)
  }

  /** No call waits for it, because another relay stands in at once. */
  // spec: STT-RLY-18
  #onGoingAway(): void {
    this.#changed(false, 'it is about to end')
    this.since = Number.NEGATIVE_INFINITY
  }

  #changed(isListening: boolean, problem?: string): void {
    if (this.isListening !== isListening) this.since = this.#config.clock.now()
    this.isListening = isListening
    this.problem = problem
    this.#config.onChanged()
  }
}
