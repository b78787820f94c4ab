import { exactBytes } from './config.ts'

/**
 * The three secrets of a session. Whoever takes them owns them, and wipes them with `dispose` when the session's own
 * keys are made. Nothing of them is an own property: inspecting, logging and JSON show an empty object.
 */
export class SessionSecrets {
  readonly #send: Uint8Array
  readonly #receive: Uint8Array
  readonly #exporter: Uint8Array

  constructor(send: Uint8Array, receive: Uint8Array, exporter: Uint8Array) {
    this.#send = exactBytes(send, 32, 'send')
    this.#receive = exactBytes(receive, 32, 'receive')
    this.#exporter = exactBytes(exporter, 32, 'exporter')
  }

  /** Traffic secret 0 of one's own direction, 32 bytes. */
  get send(): Uint8Array {
    return this.#send
  }

  /** Traffic secret 0 of the peer's direction, 32 bytes. */
  get receive(): Uint8Array {
    return this.#receive
  }

  /** What `exportKey` and the streams' contexts derive from, 32 bytes. */
  get exporter(): Uint8Array {
    return this.#exporter
  }

  dispose(): void {
    this.#send.fill(0)
    this.#receive.fill(0)
    this.#exporter.fill(0)
  }
}
