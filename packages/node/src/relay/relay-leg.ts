import type { Entropy } from '@stt/crypto'
import type { Link } from '@stt/frame'
import { type Greeting, type MailboxClaim, type No, RelayListener } from '@stt/rendezvous'
import { Alarm } from '../alarm.ts'
import type { Clock } from '../clock.ts'
import type { Guard } from '../guard.ts'
import { ClientLink } from './client-link.ts'

export interface RelayLegConfig {
  readonly url: string
  readonly access: Uint8Array
  readonly claims: (hours: readonly [number, number]) => readonly MailboxClaim[]
  readonly clock: Clock
  readonly wallClock: () => number
  readonly entropy: Entropy
  readonly guard: Guard
  /** Opens a connection to the relay. */
  readonly open: (signal: AbortSignal) => Promise<Link>
  /** Somebody dials: `done` is called when that has been seen to, however it ends. */
  readonly onIncoming: (ticket: Uint8Array, done: () => void) => void
  readonly onGreeted: (greeting: Greeting) => void
  readonly onRefused: (no: No) => void
  /** Whether it listens, or since when not, is another than before. */
  readonly onChanged: () => void
}

/** Keeps a node listening at one relay: sockets and time around an engine. */
export class RelayLeg {
  readonly #config: RelayLegConfig
  readonly #engine: RelayListener
  readonly #alarm: Alarm
  readonly #drainGuarded: () => void
  readonly #link: ClientLink
  /** Since when it listens, or does not. */
  since: number
  isListening = false
  problem: string | undefined
  /** How often it could not be reached, or was lost. */
  losses = 0

  constructor(config: RelayLegConfig) {
    const { url, access, claims, entropy, clock, guard } = config
    this.#config = config
    this.since = clock.now()
    this.#engine = new RelayListener({ url, access, claims, entropy }, clock.now())
    this.#drainGuarded = guard.wrap(() => this.#drain())
    this.#alarm = new Alarm(clock, this.#drainGuarded)
    this.#link = new ClientLink({
      clock,
      guard,
      open: config.open,
      engine: this.#engine,
      drain: () => this.#drain(),
      onFailed: reason => {
        this.problem = reason
      },
    })
  }

  get url(): string {
    return this.#config.url
  }

  start(): void {
    this.#drainGuarded()
  }

  networkChanged(): void {
    this.#engine.networkChanged(this.#config.clock.now())
    this.#drainGuarded()
  }

  stop(): void {
    this.#engine.stop()
    this.#drainGuarded()
    this.#alarm.cancel()
  }

  #drain(): void {
    const { clock, wallClock } = this.#config
    for (;;) {
      const output = this.#engine.poll(clock.now(), Math.floor(wallClock() / 1_000))
      if (output.type === 'timeout') return this.#alarm.set(output.at)
      if (output.type === 'transmit') {
        this.#link.send(output.packet)
        continue
      }
      const { event } = output
      if (event.type === 'open') this.#link.open()
      else if (event.type === 'close') this.#link.close()
      else if (event.type === 'greeted') this.#config.onGreeted(event.greeting)
      else if (event.type === 'listening') this.#changed(true)
      else if (event.type === 'going-away') this.#onGoingAway()
      else if (event.type === 'lost') this.#onLost(event.reason)
      else if (event.type === 'refused') {
        const problem = `it said no: ${event.no.reason}`
        if (this.problem !== problem) this.#config.onRefused(event.no)
        this.problem = problem
      } else this.#config.onIncoming(event.ticket, () => this.#engine.accepted())
    }
  }

  #onLost(reason: string): void {
    this.losses++
    this.#changed(false, this.problem ?? reason)
  }

  /** Nobody waits for it: another one stands in at once. */
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
