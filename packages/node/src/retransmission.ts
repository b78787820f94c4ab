import type { Clock } from './clock.ts'

/**
 * When an unanswered handshake message is sent again on a datagram link: after the first delays one by one, then at
 * the last one's pace, each varied by up to a tenth so that many dialers do not fall into step.
 */
export class Retransmission {
  readonly #clock: Clock
  readonly #delays: readonly number[]
  readonly #random: () => number
  readonly #send: () => void
  #handle: unknown
  #count = 0

  /**
   * @param delays milliseconds
   * @param random a number from 0 to 1
   */
  constructor(clock: Clock, delays: readonly number[], random: () => number, send: () => void) {
    this.#clock = clock
    this.#delays = delays
    this.#random = random
    this.#send = send
  }

  start(): void {
    const delay = this.#delays[Math.min(this.#count++, this.#delays.length - 1)]!
    const jitter = 1 + JITTER * (2 * this.#random() - 1)
    this.#handle = this.#clock.setTimer(() => {
      this.#send()
      this.start()
    }, delay * jitter)
  }

  stop(): void {
    this.#clock.clearTimer(this.#handle)
  }
}

/** HELLO again after 0.5 s, then each second. */
export const HELLO_DELAYS: readonly number[] = [500, 1_000]
/** AUTH_PROOF again after 0.25 s, 0.5 s, then each second. */
export const PROOF_DELAYS: readonly number[] = [250, 500, 1_000]

const JITTER = 0.1
