import { exactBytes } from './config.ts'

/**
 * The three secrets of a session. Their owner wipes them with `dispose` when the session's keys are made. They are not
 * properties: inspecting, logging and JSON show an empty object.
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

  /** Traffic secret 0 for packets that this side sends, 32 bytes. */
  get send(): Uint8Array {
    return this.#send
  }

  /** Traffic secret 0 for packets that the peer sends, 32 bytes. */
  get receive(): Uint8Array {
    return this.#receive
  }

  /** The secret that `exportKey` and the contexts of streams derive from, 32 bytes. */
  get exporter(): Uint8Array {
    return this.#exporter
  }

  /** Wipes all three. */
  dispose(): void {
    this.#send.fill(0)
    this.#receive.fill(0)
    this.#exporter.fill(0)
  }
}
