import { isSttError } from '@stt/errors'
import { Fifo, type Output } from '@stt/frame'
import { proveAccess } from '../access.ts'
import { decodeMessage } from '../messages/decode.ts'
import { encodeAccept, encodeDial } from '../messages/encode.ts'
import type { Greeting, No, RelayMessage } from '../messages/message.ts'
import { relayAuthority } from '../names.ts'

/** One end of a circuit: whom it dials, or the ticket of whoever dialed. */
export type CircuitWish = { readonly dial: readonly Uint8Array[] } | { readonly accept: Uint8Array }

export interface CircuitRequestOptions {
  /** The relay, as it is dialed. */
  readonly url: string
  /** `access` of the seed's rendezvous keys: shown only to a relay that asks for a proof. */
  readonly access: Uint8Array
  readonly wish: CircuitWish
}

export type CircuitRequestEvent =
  | { readonly type: 'greeted'; readonly greeting: Greeting }
  /** From here on the connection is a link to the other node. Nothing more is to be given to the request. */
  | { readonly type: 'spliced' }
  /** It came to nothing: end the connection. */
  | { readonly type: 'refused'; readonly no: No }
  | { readonly type: 'failed'; readonly reason: string }

/** Asks a relay for one circuit over a connection that is open: without socket and clock. */
export class CircuitRequest {
  readonly #options: CircuitRequestOptions
  readonly #authority: string
  readonly #outputs = new Fifo<Output<CircuitRequestEvent, undefined>>()
  #state: 'greeting' | 'asked' | 'settled' = 'greeting'
  #deadline: number

  /** @param now when the connection was opened, in milliseconds */
  constructor(options: CircuitRequestOptions, now: number) {
    this.#options = options
    this.#authority = relayAuthority(options.url)
    this.#deadline = now + GREETING_WITHIN
  }

  receive(bytes: Uint8Array, now: number): void {
    if (this.#state === 'settled') return
    let message: RelayMessage
    try {
      message = decodeMessage(bytes)
    } catch (error) {
      if (isSttError(error, 'STT_DECODE')) return this.#failed('the relay sent what no relay sends')
      throw error
    }
    if (message.type === 'no') this.#settle({ type: 'refused', no: message })
    else if (message.type === 'greeting' && this.#state === 'greeting') this.#ask(message, now)
    // spec: STT-RLY-12
    else if (message.type === 'spliced' && this.#state === 'asked') this.#settle({ type: 'spliced' })
    else this.#failed('the relay sent what is not for now')
  }

  /** The connection has ended. */
  closed(): void {
    if (this.#state !== 'settled') this.#failed('the relay ended the connection')
  }

  poll(now: number): Output<CircuitRequestEvent, undefined> {
    if (now >= this.#deadline && this.#state !== 'settled') this.#failed('the relay does not answer')
    return this.#outputs.shift() ?? { type: 'timeout', at: this.#deadline }
  }

  #ask(greeting: Greeting, now: number): void {
    const { access, wish } = this.#options
    const context = { authority: this.#authority, nonce: greeting.nonce }
    const prove = (type: number, body: Uint8Array): Uint8Array =>
      greeting.needsAccess ? proveAccess(access, context, type, body) : NOTHING
    this.#state = 'asked'
    this.#deadline = now + SPLICED_WITHIN
    this.#outputs.push({ type: 'event', event: { type: 'greeted', greeting } })
    const packet = 'dial' in wish ? encodeDial(wish.dial, prove) : encodeAccept(wish.accept)
    this.#outputs.push({ type: 'transmit', packet, to: undefined })
  }

  #failed(reason: string): void {
    this.#settle({ type: 'failed', reason })
  }

  #settle(event: CircuitRequestEvent): void {
    this.#state = 'settled'
    this.#deadline = Number.POSITIVE_INFINITY
    this.#outputs.push({ type: 'event', event })
  }
}

const NOTHING = new Uint8Array(0)

/** Milliseconds. The relay itself waits 10 s for a listener. */
const GREETING_WITHIN = 5_000
const SPLICED_WITHIN = 12_000
