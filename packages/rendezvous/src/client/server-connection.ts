import type { Entropy } from '@stt/crypto'
import { isSttError } from '@stt/errors'
import { Fifo, type Output } from '@stt/frame'
import { proveAccess } from '../access.ts'
import type { Greeting, No } from '../messages/message.ts'
import { relayAuthority } from '../names.ts'
import { Redial } from './redial.ts'

/** An event of the one connection of a client. */
export type ConnectionEvent =
  /** Open a WebSocket to the relay; then call `opened`, or `closed` if that fails. */
  | { readonly type: 'open' }
  /** Close the WebSocket after the transmitted messages; `closed` need not be called. */
  | { readonly type: 'close' }
  /** The relay's greeting has arrived. */
  | { readonly type: 'greeted'; readonly greeting: Greeting }
  /** The connection is lost, or could not be opened; `reason` is for people. */
  | { readonly type: 'lost'; readonly reason: string }

export interface ServerConnectionOptions<Message> {
  /** URL of the relay. */
  readonly url: string
  /** `access` of the seed's rendezvous keys. Used only if the server asks for a proof. */
  readonly access: Uint8Array
  readonly entropy: Entropy
  /** Name of the other end, for people. */
  readonly server: 'relay' | 'registry'
  /** Milliseconds to wait for the greeting. */
  readonly greetingWithin: number
  /** @throws SttError `STT_DECODE` */
  readonly decode: (bytes: Uint8Array) => Message
  readonly onGreeted: (now: number) => void
  readonly onMessage: (message: Message, now: number) => void
  /** Called for a NO in place of the greeting. Without this handler such a NO counts as a missing greeting. */
  readonly onNo?: (no: No, now: number) => void
  /**
   * Called when the connection has ended.
   *
   * @returns milliseconds until it may be dialed again; undefined if it is not needed any more
   */
  readonly onLost: (now: number) => number | undefined
}

/** The one connection of a client's engine: dials, waits for the greeting, makes proofs of access, and dials again. */
export class ServerConnection<Event, Message extends Greeting | No | { readonly type: string }> {
  readonly redial: Redial
  readonly #options: ServerConnectionOptions<Message>
  readonly #authority: string
  readonly #outputs = new Fifo<Output<Event | ConnectionEvent, undefined>>()
  #state: 'idle' | 'waiting' | 'opening' | 'greeting' | 'open' | 'stopped' = 'idle'
  /** When to dial or to give up, according to the state. */
  #at = Number.POSITIVE_INFINITY
  #greeting: Greeting | undefined

  constructor(options: ServerConnectionOptions<Message>) {
    this.#options = options
    this.#authority = relayAuthority(options.url)
    this.redial = new Redial(options.entropy)
  }

  /** Whether the greeting has arrived and the connection has not ended since. */
  get isOpen(): boolean {
    return this.#state === 'open'
  }

  /** When `onTime` has something to do while the connection is not open. */
  get deadline(): number {
    return this.#at
  }

  /** The connection is needed: dials unless it is already there. */
  wake(now: number): void {
    if (this.#state === 'idle') this.#wait(now)
  }

  /** Ends a pause and dials at once. */
  hurry(now: number): void {
    if (this.#state !== 'waiting') return
    this.redial.reset()
    this.#at = now
  }

  /** The driver has opened the WebSocket. */
  opened(now: number): void {
    if (this.#state !== 'opening') return
    this.#state = 'greeting'
    this.#at = now + this.#options.greetingWithin
  }

  receive(bytes: Uint8Array, now: number): void {
    if (this.#state !== 'greeting' && this.#state !== 'open') return
    const { decode, server, onMessage } = this.#options
    let message: Message
    try {
      message = decode(bytes)
    } catch (error) {
      if (isSttError(error, 'STT_DECODE')) return this.giveUp(`it sent a message that no ${server} sends`, now)
      throw error
    }
    if (this.#state === 'greeting') this.#greeted(message, now)
    else onMessage(message, now)
  }

  /** The WebSocket has ended or could not be opened. */
  closed(now: number): void {
    if (this.#isConnected) this.#lost('the connection ended', now, 0)
  }

  /** Dials or gives up if it is time. @returns whether the connection is open */
  onTime(now: number): boolean {
    if (this.#state === 'waiting' && now >= this.#at) {
      this.#state = 'opening'
      this.#at = Number.POSITIVE_INFINITY
      this.event({ type: 'open' })
    } else if (this.#state === 'greeting' && now >= this.#at) this.giveUp('it sends no greeting', now)
    return this.isOpen
  }

  /** Ends the connection as lost. @param atLeast milliseconds until it is dialed again */
  giveUp(reason: string, now: number, atLeast = 0): void {
    this.event({ type: 'close' })
    this.#lost(reason, now, atLeast)
  }

  /** Ends the connection, but not as a failure. @param again when to dial again; if undefined, when it is woken */
  leave(again?: number): void {
    this.event({ type: 'close' })
    this.#greeting = undefined
    this.#wait(again)
  }

  stop(): void {
    if (this.#isConnected) this.event({ type: 'close' })
    this.#state = 'stopped'
    this.#at = Number.POSITIVE_INFINITY
  }

  /** Makes the proof for one message; no bytes if the server asks for none. */
  // spec: STT-RLY-7 STT-REG-7
  readonly prove = (type: number, body: Uint8Array): Uint8Array => {
    const { nonce, needsAccess } = this.#greeting!
    const context = { authority: this.#authority, nonce }
    return needsAccess ? proveAccess(this.#options.access, context, type, body) : NOTHING
  }

  transmit(packet: Uint8Array): void {
    this.#outputs.push({ type: 'transmit', packet, to: undefined })
  }

  event(event: Event | ConnectionEvent): void {
    this.#outputs.push({ type: 'event', event })
  }

  /** Takes the oldest output. */
  take(): Output<Event | ConnectionEvent, undefined> | undefined {
    return this.#outputs.shift()
  }

  get #isConnected(): boolean {
    return this.#state === 'opening' || this.#state === 'greeting' || this.#state === 'open'
  }

  #greeted(message: Message, now: number): void {
    const { onNo, onGreeted } = this.#options
    if (onNo && message.type === 'no') return onNo(message as No, now)
    if (message.type !== 'greeting') return this.giveUp('it does not begin with a greeting', now)
    const greeting = message as Greeting
    this.#greeting = { ...greeting, nonce: greeting.nonce.slice() }
    this.event({ type: 'greeted', greeting: this.#greeting })
    this.#state = 'open'
    onGreeted(now)
  }

  #lost(reason: string, now: number, atLeast: number): void {
    const pause = this.#options.onLost(now)
    this.#greeting = undefined
    this.#wait(pause === undefined ? undefined : now + Math.max(atLeast, pause, this.redial.next(now)))
    this.event({ type: 'lost', reason })
  }

  #wait(at: number | undefined): void {
    this.#state = at === undefined ? 'idle' : 'waiting'
    this.#at = at ?? Number.POSITIVE_INFINITY
  }
}

const NOTHING = new Uint8Array(0)
