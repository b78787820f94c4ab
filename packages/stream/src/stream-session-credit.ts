import type { SessionReceiveCredit } from './session-credit.ts'

/**
 * What one stream uses of the session's receive credit. It is given back when bytes are read or dropped, and before
 * that for bytes that wait for a message slot: a stream that waits holds up no other one.
 */
export class StreamSessionCredit {
  readonly #session: SessionReceiveCredit
  /** Bytes of credit that were given back and whose bytes still wait. */
  #early = 0

  constructor(session: SessionReceiveCredit) {
    this.#session = session
  }

  /** @throws ProtocolError `FlowControl` when the peer had less credit */
  use(length: number): void {
    this.#session.use(length)
  }

  /** For bytes that the application took or that nobody will take. */
  giveBack(length: number): void {
    const already = Math.min(length, this.#early)
    this.#early -= already
    if (length > already) this.#session.giveBack(length - already)
  }

  /** @param outstanding bytes of the stream that were not taken, all of which wait */
  // spec: STT-STR-23
  giveBackEarly(outstanding: number): void {
    this.#session.giveBack(outstanding - this.#early)
    this.#early = outstanding
  }
}
