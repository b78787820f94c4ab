import { CloseCode, ProtocolError } from '@stt/frame'
import { CreditWindow } from './credit-window.ts'

/** What the peer lets us send on all streams together. */
export class SessionSendCredit {
  #limit: number
  #used = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get available(): number {
    return this.#limit - this.#used
  }

  use(length: number): void {
    this.#used += length
  }

  /** For bytes that were accepted and then never sent because their stream was reset. */
  giveBack(length: number): void {
    this.#used -= length
  }

  raiseLimit(max: number): void {
    if (max > this.#limit) this.#limit = max
  }
}

/** What we let the peer send on all streams together. */
export class SessionReceiveCredit {
  readonly #window: CreditWindow
  #used = 0
  #waiting = false

  constructor(size: number, maximum: number) {
    this.#window = new CreditWindow(size, maximum)
  }

  get windowSize(): number {
    return this.#window.size
  }

  /** Bytes that the peer may still send. */
  get available(): number {
    return this.#window.limit - this.#used
  }

  /** Bytes that arrived, or will never arrive, and whose credit was not given back. */
  get outstanding(): number {
    return this.#used - this.#window.consumed
  }

  /** Whether a MAX_DATA waits to be written. */
  get isWaiting(): boolean {
    return this.#waiting
  }

  /** @throws ProtocolError `FlowControl` when the peer had less credit */
  // spec: STT-STR-14
  use(length: number): void {
    if (this.#used + length > this.#window.limit)
      throw new ProtocolError(CloseCode.FlowControl, 'the peer sent more than the credit of the session allows', {
        rule: 'session-credit',
      })
    this.#used += length
  }

  giveBack(length: number): void {
    if (this.#window.consume(length)) this.#waiting = true
  }

  grant(now: number, rtt: number): number {
    this.#waiting = false
    return this.#window.grant(now, rtt)
  }

  /** @param limit what the lost MAX_DATA granted: a newer one makes up for it */
  lose(limit: number): void {
    if (limit === this.#window.limit) this.#waiting = true
  }
}
