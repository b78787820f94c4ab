import { WebSocketCloseCode } from './codec/close-code.ts'
import type { WebSocketLimits } from './limits.ts'
import { silentFor } from './link-errors.ts'
import type { Timers } from './timers.ts'

/** Actions of a link whose deadlines pass. */
export interface LivenessActions {
  /** Sends a Ping. */
  readonly ping: () => void
  /** Closes the link with this code and reason. */
  readonly expire: (code: number, reason: string) => void
  /** Gives the connection up without a Close frame, because the other end does not answer. */
  readonly abandon: (reason: Error) => void
  /** Called in each interval, to free memory that was not used during it. */
  readonly trim: () => void
}

/**
 * Keeps all deadlines of one link on one timer: proof of a new link, silence, idleness, and the end of a close. It counts
 * intervals instead of reading a clock for each packet.
 */
export class Liveness {
  /** True while the link does not read; silence then means nothing. */
  deaf = false

  readonly #limits: WebSocketLimits
  readonly #timers: Timers
  readonly #actions: LivenessActions
  #timer: unknown
  #phase: 'proving' | 'watching' | 'closing' | 'stopped' = 'stopped'
  #heard = false
  #carried = false
  #silentTicks = 0
  #idleTicks = 0
  #controlFrames: number

  constructor(limits: WebSocketLimits, timers: Timers, actions: LivenessActions) {
    this.#limits = limits
    this.#timers = timers
    this.#actions = actions
    this.#controlFrames = limits.maxControlFrames
  }

  /** spec: STT-WS-18 */
  awaitProof(): void {
    this.#phase = 'proving'
    this.#arm(this.#limits.proofTimeout, () => {
      this.#actions.expire(WebSocketCloseCode.policyViolation, 'no valid STT packet came in time')
    })
  }

  /** Starts to watch for silence and idleness. */
  watch(): void {
    if (this.#phase === 'watching') return
    this.#phase = 'watching'
    this.#arm(this.#limits.pingInterval, this.#tick)
  }

  /** spec: STT-WS-16 */
  limitClosing(destroy: () => void): void {
    this.#phase = 'closing'
    this.#arm(this.#limits.closeTimeout, destroy)
  }

  /** Clears the timer: the link has ended. */
  stop(): void {
    this.#phase = 'stopped'
    this.#timers.clear(this.#timer)
  }

  /** Called when bytes arrive. */
  heard(): void {
    this.#heard = true
  }

  /** Called when a packet arrives or is sent. */
  carried(): void {
    this.#carried = true
  }

  /** Counts a Ping or Pong. @returns whether this interval still allows it. spec: STT-WS-14 */
  takeControlFrame(): boolean {
    return --this.#controlFrames >= 0
  }

  readonly #tick = (): void => {
    this.#controlFrames = this.#limits.maxControlFrames
    this.#silentTicks = this.#heard || this.deaf ? 0 : this.#silentTicks + 1
    this.#idleTicks = this.#carried ? 0 : this.#idleTicks + 1
    this.#heard = false
    this.#carried = false
    // spec: STT-WS-19
    if (this.#silentTicks > 1) {
      this.#actions.abandon(silentFor((2 * this.#limits.pingInterval) / 1_000))
      return
    }
    // spec: STT-WS-20
    if (this.#idleTicks * this.#limits.pingInterval >= this.#limits.idleTimeout) {
      this.#actions.expire(WebSocketCloseCode.goingAway, 'no packet came or went for too long')
      return
    }
    if (this.#silentTicks === 1) this.#actions.ping()
    this.#actions.trim()
    this.#arm(this.#limits.pingInterval, this.#tick)
  }

  #arm(delay: number, callback: () => void): void {
    this.#timers.clear(this.#timer)
    this.#timer = this.#timers.set(callback, delay)
  }
}
