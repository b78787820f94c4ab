import { type Entropy, equalBytes } from '@stt/crypto'
import type { Output } from '@stt/frame'
import { decodeMessage } from '../messages/decode.ts'
import { encodeListen, encodePing, encodePong } from '../messages/encode.ts'
import { HEARTBEAT_SIZE, type Incoming, type MailboxClaim, type No, type RelayMessage } from '../messages/message.ts'
import { hoursAt, untilHoursChange } from '../names.ts'
import { TokenBucket } from '../token-bucket.ts'
import { type ConnectionEvent, ServerConnection } from './server-connection.ts'

/** Options of a `RelayListener`. */
export interface RelayListenerOptions {
  /** URL of the relay. */
  readonly url: string
  /** `access` of the seed's rendezvous keys. Used only if the relay asks for a proof. */
  readonly access: Uint8Array
  /** Names and tokens of the node for these hours. */
  readonly claims: (hours: readonly [number, number]) => readonly MailboxClaim[]
  /** Random bytes, for PINGs and to vary pauses. */
  readonly entropy: Entropy
}

/** An event of a `RelayListener`. */
export type RelayListenerEvent =
  | ConnectionEvent
  /** The relay announces dials of the names from now on. */
  | { readonly type: 'listening' }
  /** The relay refused LISTEN, or some of its names. */
  | { readonly type: 'refused'; readonly no: No }
  /**
   * A node dials: open another WebSocket and accept with the ticket, then call `accepted`, whatever the outcome. `url` is the
   * relay instance to accept at, or empty for this one; follow it only if `isAllowedRedirect` allows it.
   */
  | { readonly type: 'incoming'; readonly ticket: Uint8Array; readonly url: string }
  /** The relay ends soon and is dialed again later. Listen at another relay now. */
  | { readonly type: 'going-away' }

/**
 * Keeps a node listening at one relay. It opens the connection, repeats LISTEN every minute and when the hour changes, notices a
 * dead connection, and dials again. Has no socket and no clock.
 */
export class RelayListener {
  readonly #options: RelayListenerOptions
  readonly #connection: ServerConnection<RelayListenerEvent, RelayMessage>
  #listenAt = 0
  #pingAt = 0
  #ping: Uint8Array | undefined
  #pingUntil = Number.POSITIVE_INFINITY
  /** Data of the PING after LISTEN. Its PONG without a NO before it confirms the LISTEN. */
  #confirmation: Uint8Array | undefined
  #isConfirmed = false
  #wasTaken = false
  #confirmedAt = Number.POSITIVE_INFINITY
  #leaveAt = Number.POSITIVE_INFINITY
  #accepting = 0
  #accepts: TokenBucket

  constructor(options: RelayListenerOptions, now: number) {
    this.#options = options
    this.#connection = new ServerConnection({
      ...options,
      server: 'relay',
      greetingWithin: GREETING_WITHIN,
      decode: decodeMessage,
      onGreeted: now => this.#onGreeted(now),
      onMessage: (message, now) => this.#handle(message, now),
      onLost: now => this.#onLost(now),
    })
    this.#accepts = new TokenBucket(ACCEPTS_PER_SECOND, ACCEPTS_PER_SECOND, now)
    this.#connection.wake(now)
  }

  /** Whether the relay has confirmed the latest LISTEN. */
  get isListening(): boolean {
    return this.#isConfirmed
  }

  /** The driver has opened the WebSocket. */
  opened(now: number): void {
    this.#connection.opened(now)
  }

  /** A message has arrived. */
  receive(bytes: Uint8Array, now: number): void {
    this.#connection.receive(bytes, now)
  }

  /** The WebSocket has ended or could not be opened. */
  closed(now: number): void {
    this.#connection.closed(now)
  }

  /** The machine woke up or changed its network: tests an open connection, or dials at once. */
  networkChanged(now: number): void {
    if (this.#connection.isOpen) this.#sendPing(now, ANSWER_AFTER_CHANGE)
    else this.#connection.hurry(now)
  }

  /** The connection for a ticket was handed over or has failed. */
  accepted(): void {
    this.#accepting = Math.max(0, this.#accepting - 1)
  }

  /** Ends the connection for good. */
  stop(): void {
    this.#connection.stop()
    this.#isConfirmed = false
  }

  /**
   * The next thing to do. Call it until it answers a timeout.
   *
   * @param now milliseconds of a clock that never goes back
   * @param unixSeconds the time of day: names change with the hour
   */
  poll(now: number, unixSeconds: number): Output<RelayListenerEvent, undefined> {
    this.#onTime(now, unixSeconds)
    return this.#connection.take() ?? { type: 'timeout', at: this.#deadline() }
  }

  #deadline(): number {
    if (!this.#connection.isOpen) return this.#connection.deadline
    return Math.min(this.#listenAt, this.#pingAt, this.#pingUntil, this.#leaveAt)
  }

  #onTime(now: number, unixSeconds: number): void {
    if (!this.#connection.onTime(now)) return
    if (now >= this.#pingUntil) return this.#connection.giveUp('it does not answer', now)
    if (now >= this.#leaveAt) return this.#leave(now)
    if (now >= this.#listenAt) this.#listen(now, unixSeconds)
    // spec: STT-RLY-19
    if (now >= this.#pingAt) this.#sendPing(now, ANSWER_WITHIN)
  }

  #onGreeted(now: number): void {
    this.#listenAt = now
    this.#pingAt = now + PING_INTERVAL
  }

  #handle(message: RelayMessage, now: number): void {
    if (message.type === 'incoming') this.#incoming(message, now)
    else if (message.type === 'ping') this.#connection.transmit(encodePong(message.data))
    else if (message.type === 'pong') this.#heard(message.data, now)
    else if (message.type === 'no') this.#refused(message, now)
    else if (message.type === 'goingAway') {
      // spec: STT-RLY-18
      this.#leaveAt = now + Math.min(message.reconnectIn, LONGEST_WAIT)
      this.#connection.redial.reset(Math.min(message.tryFor, LONGEST_WAIT))
      this.#connection.event({ type: 'going-away' })
    } else this.#connection.giveUp('it sent a message that is not for a listener', now)
  }

  // spec: STT-RLY-8
  #listen(now: number, unixSeconds: number): void {
    this.#connection.transmit(encodeListen(this.#options.claims(hoursAt(unixSeconds)), this.#connection.prove))
    this.#listenAt = now + Math.min(LISTEN_INTERVAL, 1_000 * untilHoursChange(unixSeconds))
    this.#wasTaken = false
    this.#sendPing(now, ANSWER_WITHIN)
    this.#confirmation = this.#ping
  }

  #sendPing(now: number, within: number): void {
    this.#ping = this.#options.entropy(HEARTBEAT_SIZE)
    this.#pingAt = now + PING_INTERVAL
    this.#pingUntil = Math.min(this.#pingUntil, now + within)
    this.#connection.transmit(encodePing(this.#ping))
  }

  #heard(data: Uint8Array, now: number): void {
    if (isSame(this.#ping, data)) this.#pingUntil = Number.POSITIVE_INFINITY
    if (!isSame(this.#confirmation, data) || this.#isConfirmed || this.#wasTaken) return
    this.#isConfirmed = true
    this.#confirmedAt = now
    this.#connection.event({ type: 'listening' })
  }

  // spec: STT-RLY-21
  #incoming({ ticket, url }: Incoming, now: number): void {
    if (this.#accepting >= MAX_ACCEPTING || !this.#accepts.take(now)) return
    this.#accepting++
    this.#connection.event({ type: 'incoming', ticket: ticket.slice(), url })
  }

  // spec: STT-RLY-35
  #refused(no: No, now: number): void {
    this.#connection.event({ type: 'refused', no })
    const retryAfter = Math.min(no.retryAfter, LONGEST_WAIT)
    if (no.reason === 'taken') {
      // The names of the other hour may still be granted; if not, the relay ends the connection.
      this.#wasTaken = true
      this.#listenAt = Math.min(this.#listenAt, now + retryAfter)
    } else this.#connection.giveUp(`it said no: ${no.reason}`, now, retryAfter)
  }

  #leave(now: number): void {
    this.#reset()
    this.#connection.leave(now)
  }

  #onLost(now: number): number {
    // A connection that ends soon after it was confirmed counts as a failure.
    if (now - this.#confirmedAt >= STABLE_AFTER) this.#connection.redial.reset()
    // The announced time to come back holds even if the relay ended earlier than announced.
    const back = this.#leaveAt === Number.POSITIVE_INFINITY ? 0 : this.#leaveAt - now
    this.#reset()
    return back
  }

  #reset(): void {
    this.#ping = this.#confirmation = undefined
    this.#isConfirmed = this.#wasTaken = false
    this.#pingUntil = this.#leaveAt = this.#confirmedAt = Number.POSITIVE_INFINITY
  }
}

const isSame = (sent: Uint8Array | undefined, data: Uint8Array): boolean => sent !== undefined && equalBytes(sent, data)

/** Milliseconds. */
const GREETING_WITHIN = 5_000
const LISTEN_INTERVAL = 60_000
const PING_INTERVAL = 15_000
const ANSWER_WITHIN = 10_000
const ANSWER_AFTER_CHANGE = 3_000
const STABLE_AFTER = 10_000
/** The longest pause that a relay can ask for. */
const LONGEST_WAIT = 600_000
const MAX_ACCEPTING = 8
const ACCEPTS_PER_SECOND = 20
