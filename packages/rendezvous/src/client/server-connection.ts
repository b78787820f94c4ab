import type { Entropy } from '@stt/crypto'
import { isSttError } from '@stt/errors'
import { Fifo, type Output } from '@stt/frame'
import { proveAccess } from '../access.ts'
import type { Greeting, No } from '../messages/message.ts'
import { relayAuthority } from '../names.ts'
import { Redial } from './redial.ts'

/** What happens to the one connection of a client. */
export type ConnectionEvent =
  /** Open a WebSocket to the relay; then call `opened`, or `closed` when that fails. */
  | { readonly type: 'open' }
  /** End the WebSocket behind what was transmitted; `closed` need not be called. */
  | { readonly type: 'close' }
  /** The relay has answered: what it says of itself, and of where the node's packets come from. */
  | { readonly type: 'greeted'; readonly greeting: Greeting }
  | { readonly type: 'lost'; readonly reason: string }

export interface ServerConnectionOptions<Message> {
  /** The relay, as it is dialed. */
  readonly url: string
  /** `access` of the seed's rendezvous keys: shown only to a relay that asks for a proof. */
  readonly access: Uint8Array
  readonly entropy: Entropy
  /** What is at the other end, for people. */
  readonly server: 'relay' | 'registry'
  /** Milliseconds. */
  readonly greetingWithin: number
  /** @throws SttError `STT_DECODE` */
  readonly decode: (bytes: Uint8Array) => Message
  readonly onGreeted: (now: number) => void
  readonly onMessage: (message: Message, now: number) => void
  /** A server that says no where its greeting is due; without it that is no greeting either. */
  readonly onNo?: (no: No, now: number) => void
  /**
   * The connection has ended, and what belonged to it is over.
   *
   * @returns milliseconds until it may be dialed again; undefined when nothing is wanted of it any more
   */
  readonly onLost: (now: number) => number | undefined
}

/** What a client's engine has to do with its one connection: dials, is greeted, proves what is asked, and dials again. */
export class ServerConnection<Event, Message extends Greeting | No | { readonly type: string }> {
  readonly redial: Redial
  readonly #options: ServerConnectionOptions<Message>
  readonly #authority: string
  readonly #outputs = new Fifo<Output<Event | ConnectionEvent, undefined>>()
  #state: 'idle' | 'waiting' | 'opening' | 'greeting' | 'open' | 'stopped' = 'idle'
  /** When to do what the state waits for: dial, give up. */
  #at = Number.POSITIVE_INFINITY
  #greeting: Greeting | undefined

  constructor(options: ServerConnectionOptions<Message>) {
    this.#options = options
    this.#authority = relayAuthority(options.url)
    this.redial = new Redial(options.entropy)
  }

  /** Whether it is greeted, and has not ended since. */
  get isOpen(): boolean {
    return this.#state === 'open'
  }

  /** When `onTime` has something to do, as long as it is not open. */
  get deadline(): number {
    return this.#at
  }

  /** Something is wanted of it. */
  wake(now: number): void {
    if (this.#state === 'idle') this.#wait(now)
  }

  /** What waits is tried now. */
  hurry(now: number): void {
    if (this.#state !== 'waiting') return
    this.redial.reset()
    this.#at = now
  }

  /** The WebSocket is open. */
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
      if (isSttError(error, 'STT_DECODE')) return this.giveUp(`it sent what no ${server} sends`, now)
      throw error
    }
    if (this.#state === 'greeting') this.#greeted(message, now)
    else onMessage(message, now)
  }

  /** The WebSocket has ended, or could not be opened. */
  closed(now: number): void {
    if (this.#isConnected) this.#lost('the connection ended', now, 0)
  }

  /** @returns whether it is open */
  onTime(now: number): boolean {
    if (this.#state === 'waiting' && now >= this.#at) {
      this.#state = 'opening'
      this.#at = Number.POSITIVE_INFINITY
      this.event({ type: 'open' })
    } else if (this.#state === 'greeting' && now >= this.#at) this.giveUp('it sends no greeting', now)
    return this.isOpen
  }

  /** Ends it, as lost. @param atLeast milliseconds until it is dialed again */
  giveUp(reason: string, now: number, atLeast = 0): void {
    this.event({ type: 'close' })
    this.#lost(reason, now, atLeast)
  }

  /** Ends it of this side's own accord. @param again when it is dialed again; unless given when it is woken */
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

  /** The proof for one message, where one is asked for. */
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

  /** The oldest thing to do. */
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
