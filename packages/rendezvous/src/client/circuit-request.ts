import { isSttError } from '@stt/errors'
import { Fifo, type Output } from '@stt/frame'
import { proveAccess } from '../access.ts'
import { decodeMessage } from '../messages/decode.ts'
import { encodeAccept, encodeDial } from '../messages/encode.ts'
import type { Greeting, No, RelayMessage } from '../messages/message.ts'
import { relayAuthority } from '../names.ts'

/** One end of a circuit: the mailbox names to dial, or the ticket of a dial to accept. */
export type CircuitWish = { readonly dial: readonly Uint8Array[] } | { readonly accept: Uint8Array }

/** Options of a `CircuitRequest`. */
export interface CircuitRequestOptions {
  /** URL of the relay. */
  readonly url: string
  /** `access` of the seed's rendezvous keys. Used only if the relay asks for a proof. */
  readonly access: Uint8Array
  /** The wanted end. */
  readonly wish: CircuitWish
}

/** An event of a `CircuitRequest`. */
export type CircuitRequestEvent =
  /** The relay's greeting has arrived. */
  | { readonly type: 'greeted'; readonly greeting: Greeting }
  /** The connection is a link to the other node now. Call nothing of the request any more. */
  | { readonly type: 'spliced' }
  /** The relay refused: end the connection. */
  | { readonly type: 'refused'; readonly no: No }
  /** The relay did not answer, ended the connection or broke the protocol: end the connection. `reason` is for people. */
  | { readonly type: 'failed'; readonly reason: string }

/** Asks a relay for one circuit over an open connection. Has no socket and no clock. */
export class CircuitRequest {
  readonly #options: CircuitRequestOptions
  readonly #authority: string
  readonly #outputs = new Fifo<Output<CircuitRequestEvent, undefined>>()
  #state: 'greeting' | 'asked' | 'settled' = 'greeting'
  #deadline: number

  /** @param now when the connection opened, in milliseconds */
  constructor(options: CircuitRequestOptions, now: number) {
    this.#options = options
    this.#authority = relayAuthority(options.url)
    this.#deadline = now + GREETING_WITHIN
  }

  /** A message has arrived. */
  receive(bytes: Uint8Array, now: number): void {
    if (this.#state === 'settled') return
    let message: RelayMessage
    try {
      message = decodeMessage(bytes)
    } catch (error) {
      if (isSttError(error, 'STT_DECODE')) return this.#failed('the relay sent an invalid message')
      throw error
    }
    if (message.type === 'no') this.#settle({ type: 'refused', no: message })
    else if (message.type === 'greeting' && this.#state === 'greeting') this.#ask(message, now)
    // spec: STT-RLY-12
    else if (message.type === 'spliced' && this.#state === 'asked') this.#settle({ type: 'spliced' })
    else this.#failed('the relay sent a message out of turn')
  }

  /** The connection has ended. */
  closed(): void {
    if (this.#state !== 'settled') this.#failed('the relay ended the connection')
  }

  /** The next thing to do. Call it until it answers a timeout. */
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

/** Milliseconds. The relay waits 10 s for a listener. */
const GREETING_WITHIN = 5_000
const SPLICED_WITHIN = 12_000
