import { type Entropy, equalBytes, toHex } from '@stt/crypto'
import { isSttError } from '@stt/errors'
import { type Candidate, Fifo, type Output } from '@stt/frame'
import { AccessKeys } from '../access.ts'
import { Deadlines } from '../deadlines.ts'
import { decodeMessage } from '../messages/decode.ts'
import {
  encodeGoingAway,
  encodeGreeting,
  encodeIncoming,
  encodeNo,
  encodePing,
  encodePong,
  encodeSpliced,
} from '../messages/encode.ts'
import {
  type Dial,
  HEARTBEAT_SIZE,
  type Listen,
  NONCE_SIZE,
  type RelayMessage,
  TICKET_SIZE,
} from '../messages/message.ts'
import { TokenBucket } from '../token-bucket.ts'
import { type AddressShares, circuitShares, listenerShares } from './address-shares.ts'
import { Circuit } from './circuit.ts'
import { Mailboxes, type OwnedName } from './mailboxes.ts'
import { type RelayLimits, resolveRelayLimits } from './relay-limits.ts'
import type { Refusal, RelayStatistics } from './relay-statistics.ts'

/** Options of a `RelayEngine`. */
export interface RelayEngineOptions {
  /** Random bytes, for nonces and tickets and to spread the times at which listeners come back. */
  readonly entropy: Entropy
  /** Access keys that the relay accepts. Default: none, and it serves all clients. */
  readonly keys?: readonly Uint8Array[]
  /** Host and port under which clients dial the relay: `relay.example:443`. Proofs of access are bound to them. */
  readonly authorities?: readonly string[]
  /** UDP ports that answer a datagram with its source; 0 for none. */
  readonly udpPorts?: readonly [number, number]
  /** Limits that differ from the defaults. */
  readonly limits?: Partial<RelayLimits>
  /**
   * URL of this relay as one of several instances that share their listeners. With it, the engine emits the events of
   * `InstanceEvent`, some of which the driver answers.
   */
  readonly instance?: string | undefined
}

/** The origin of a connection. */
export interface LegOrigin {
  /** The address to count the connection for; undefined if many clients share it. */
  readonly address?: string | undefined
  /** IP address and port of the client, to be told to it; undefined if unknown. */
  readonly observed?: Candidate | undefined
}

/** An event of a `RelayEngine`. */
export type RelayEvent<Link> =
  /** The connection has made a valid request and may stay. */
  | { readonly type: 'proved'; readonly link: Link }
  /** Pass each message of one connection to the other from now on, and call `carry` for each. */
  | { readonly type: 'spliced'; readonly circuit: Circuit<Link> }
  /** Close the connection with this code of RFC 6455, after the messages transmitted on it. */
  | { readonly type: 'close'; readonly link: Link; readonly code: 1000 | 1008 | 1013; readonly reason: string }
  | InstanceEvent<Link>

/** An event for the other instances. Do not read from a connection while one of its events waits for an answer. */
export type InstanceEvent<Link> =
  /** The connection listens under these names: answer with `announced`. */
  | {
      readonly type: 'listens'
      readonly link: Link
      readonly names: readonly OwnedName[]
      readonly address: string | undefined
    }
  /** The connection does not listen any more. */
  | { readonly type: 'left'; readonly link: Link; readonly names: readonly OwnedName[] }
  /** No connection of this instance listens under these names: answer with `found`. */
  | { readonly type: 'seeks'; readonly link: Link; readonly mailboxes: readonly Uint8Array[] }
  /** The connection has dialed and counts as a circuit of its address. */
  | { readonly type: 'dialed'; readonly link: Link; readonly address: string }
  /** The circuit of the connection has ended. */
  | { readonly type: 'hung-up'; readonly link: Link }

/**
 * A relay without sockets and without a clock. Connections, their messages and the time go in; the consequences come out of `poll`.
 * After each input, poll until it answers a timeout.
 *
 * @typeParam Link the driver's object for a connection, a different one for each
 */
export class RelayEngine<Link extends object> {
  readonly #limits: RelayLimits
  readonly #entropy: Entropy
  readonly #keys: AccessKeys
  readonly #authorities: readonly string[]
  readonly #udpPorts: readonly [number, number]
  readonly #outputs = new Fifo<Output<RelayEvent<Link>, Link>>()
  readonly #legs = new Map<Link, Leg<Link>>()
  readonly #mailboxes: Mailboxes<Leg<Link>>
  readonly #tickets = new Map<string, Leg<Link>>()
  readonly #circuits = new Map<Circuit<Link>, Call<Link>>()
  readonly #listenerShares: AddressShares
  readonly #circuitShares: AddressShares
  /** Legs that have made no request yet. */
  readonly #silent = new Deadlines<Leg<Link>>(FIRST_MESSAGE_WITHIN)
  readonly #listening = new Deadlines<Leg<Link>>(LISTEN_LASTS)
  /** Dials that wait for their listener, by deadline. */
  readonly #waiting = new Deadlines<Leg<Link>>(TICKET_LASTS)
  /** Listeners that were asked whether they are alive. */
  readonly #probed = new Deadlines<Leg<Link>>(PROBE_LASTS)
  readonly #lifetimes: Deadlines<Circuit<Link>>
  readonly #instance: string | undefined
  readonly #counts = { connections: 0, listens: 0, dials: 0, spliced: 0, bytes: 0, messages: 0, violations: 0 }
  readonly #refused: Record<Refusal, number> = { full: 0, nobody: 0, auth: 0, rate: 0, taken: 0, elsewhere: 0 }
  #isLeaving = false

  constructor({ entropy, keys = [], authorities = [], udpPorts = [0, 0], limits, instance }: RelayEngineOptions) {
    this.#instance = instance
    this.#keys = new AccessKeys(keys)
    this.#limits = resolveRelayLimits(limits, this.isOpen)
    this.#entropy = entropy
    this.#authorities = authorities
    this.#udpPorts = udpPorts
    this.#mailboxes = new Mailboxes(MAILBOXES_PER_LEG * this.#limits.listeners)
    this.#listenerShares = listenerShares(this.#limits)
    this.#circuitShares = circuitShares(this.#limits)
    this.#lifetimes = new Deadlines(this.#limits.freeSeconds * 1_000)
  }

  /** Whether the relay serves clients without an access key. */
  get isOpen(): boolean {
    return this.#keys.size === 0
  }

  /** Counters up to now. */
  getStatistics(): RelayStatistics {
    return {
      listeners: this.#listening.size,
      circuits: this.#circuits.size,
      tickets: this.#tickets.size,
      mailboxes: this.#mailboxes.size,
      ...this.#counts,
      refused: { ...this.#refused },
    }
  }

  /** A connection has opened: it gets its greeting. */
  // spec: STT-RLY-6
  opened(link: Link, { address, observed }: LegOrigin, now: number, unixSeconds: number): void {
    const leg = new Leg(link, address, this.#entropy(NONCE_SIZE), now)
    this.#legs.set(link, leg)
    this.#silent.set(leg, now)
    this.#counts.connections++
    const greeting = { ...this.#limits, observed, unixSeconds, nonce: leg.nonce, needsAccess: !this.isOpen }
    this.#transmit(leg, encodeGreeting({ ...greeting, udpPorts: this.#udpPorts }))
  }

  /**
   * The answer to `listens`.
   *
   * @param kept for each name, whether no other owner has it at another instance
   */
  // spec: STT-RLY-9
  announced(link: Link, names: readonly OwnedName[], kept: readonly boolean[], now: number): void {
    const leg = this.#legs.get(link)
    const lost = names.filter((_, i) => kept[i] === false)
    if (leg?.phase !== 'listening' || lost.length === 0) return
    for (const { mailbox } of lost) this.#mailboxes.release(leg, mailbox)
    if (this.#mailboxes.namesOf(leg).length === 0) this.#refuse(leg, 'taken', now)
    else this.#sayNo(leg, 'taken')
  }

  /**
   * The answer to `seeks`.
   *
   * @param url the instance that has a listener under one of the names; undefined if there is none
   */
  // spec: STT-RLY-10 STT-RLY-36
  found(link: Link, mailboxes: readonly Uint8Array[], url: string | undefined, now: number): void {
    const leg = this.#legs.get(link)
    if (leg?.phase !== 'seeking') return
    this.#waiting.delete(leg)
    const listener = this.#mailboxes.find(mailboxes)
    if (listener) return this.#call(leg, listener, now)
    this.#circuitShares.leave(leg.address, now)
    leg.phase = 'greeted'
    this.#refuse(leg, url === undefined || url === this.#instance ? 'nobody' : 'elsewhere', now, url)
  }

  /** The address of a connection exceeds a limit of all instances together. */
  // spec: STT-RLY-16
  exceeded(link: Link, now: number): void {
    const leg = this.#legs.get(link)
    if (leg?.circuit) this.#forgetCircuit(leg.circuit, now, '')
    else if (leg) this.#refuse(leg, 'full', now)
  }

  /** Another owner claims a name at another instance: asks the holder here whether it is alive. */
  contested(mailbox: Uint8Array, now: number): void {
    const holder = this.#mailboxes.find([mailbox])
    if (holder) this.#probe(holder, now)
  }

  /** The owner of a name listens at another instance now: the name leads there. */
  // spec: STT-RLY-9
  moved(mailbox: Uint8Array): void {
    const holder = this.#mailboxes.find([mailbox])
    if (holder) this.#mailboxes.release(holder, mailbox)
  }

  /** The listeners of this instance, for a store that has forgotten them. */
  *presences(): Generator<Extract<InstanceEvent<Link>, { type: 'listens' }>, void, undefined> {
    for (const leg of this.#legs.values()) if (leg.phase === 'listening') yield this.#listens(leg)
  }

  /** A message has arrived on a connection that is not spliced. */
  receive(link: Link, bytes: Uint8Array, now: number): void {
    const leg = this.#legs.get(link)
    if (!leg) return
    if (!leg.budget.take(now)) return this.#refuse(leg, 'rate', now)
    let message: RelayMessage
    try {
      message = decodeMessage(bytes)
    } catch (error) {
      // spec: STT-RLY-5
      if (isSttError(error, 'STT_DECODE')) return this.#violated(leg, 'a message that no client sends', now)
      throw error
    }
    this.#handle(leg, message, now)
  }

  /**
   * The connection has ended: all that it held is free at once.
   *
   * @param busy set if the acceptor had no place for the dialer: the name of its limit, or ''
   */
  // spec: STT-RLY-16
  closed(link: Link, now: number, busy?: string): void {
    const leg = this.#legs.get(link)
    if (leg) this.#forget(leg, now, busy)
  }

  /**
   * Counts a message of a circuit.
   *
   * @returns milliseconds for which to read neither of the two; `Infinity` if the circuit has ended, then poll
   */
  carry(circuit: Circuit<Link>, size: number, now: number): number {
    this.#counts.bytes += size
    this.#counts.messages++
    const wait = circuit.carry(size, now)
    if (wait === Number.POSITIVE_INFINITY) this.#endCircuit(circuit, now)
    return wait
  }

  /** The relay ends soon: tells its listeners to come back at different times, and serves no new clients. */
  // spec: STT-RLY-18
  goAway(): void {
    if (this.#isLeaving) return
    this.#isLeaving = true
    for (const leg of this.#legs.values()) {
      if (leg.phase !== 'listening') continue
      const [high = 0, low = 0] = this.#entropy(2)
      const spread = Math.floor(((high * 256 + low) * RETURN_SPREAD) / 65_536)
      this.#transmit(leg, encodeGoingAway(RETURN_AFTER + spread, TRY_FOR))
    }
  }

  /** The next thing to do. Call it until it answers a timeout. */
  poll(now: number): Output<RelayEvent<Link>, Link> {
    this.#onTime(now)
    const output = this.#outputs.shift()
    if (output) return output
    const deadlines = [this.#silent, this.#listening, this.#waiting, this.#probed, this.#lifetimes]
    const parts = [this.#mailboxes, this.#listenerShares, this.#circuitShares]
    const at = Math.min(...deadlines.map(({ next }) => next), ...parts.map(({ deadline }) => deadline))
    return { type: 'timeout', at }
  }

  #handle(leg: Leg<Link>, message: RelayMessage, now: number): void {
    const { phase } = leg
    if (message.type === 'listen' && (phase === 'greeted' || phase === 'listening')) this.#listen(leg, message, now)
    else if (message.type === 'dial' && phase === 'greeted') this.#dial(leg, message, now)
    else if (message.type === 'accept' && phase === 'greeted') this.#accept(leg, message.ticket, now)
    else if (message.type === 'ping' && phase === 'listening') this.#transmit(leg, encodePong(message.data))
    else if (message.type === 'pong' && phase === 'listening') this.#answered(leg, message.data)
    else this.#violated(leg, 'a message out of turn', now)
  }

  // spec: STT-RLY-8
  #listen(leg: Leg<Link>, message: Listen, now: number): void {
    this.#counts.listens++
    if (!this.#isAllowed(leg, message)) return this.#refuse(leg, 'auth', now)
    if (leg.phase === 'greeted') {
      if (this.#isLeaving || this.#listening.size >= this.#limits.listeners) return this.#refuse(leg, 'full', now)
      const limit = this.#listenerShares.enter(leg.address, now)
      if (limit) return this.#refuse(leg, limit, now)
      this.#prove(leg, 'listening')
    }
    this.#listening.set(leg, now)
    const { held, isTaken, holders } = this.#mailboxes.claim(leg, message.claims)
    for (const holder of holders) if (holder !== leg) this.#probe(holder, now)
    if (held === 0) this.#refuse(leg, 'taken', now)
    else if (isTaken) this.#sayNo(leg, 'taken')
    if (held > 0 && this.#isShared) this.#event(this.#listens(leg))
  }

  #listens(leg: Leg<Link>): Extract<InstanceEvent<Link>, { type: 'listens' }> {
    return { type: 'listens', link: leg.link, names: this.#mailboxes.namesOf(leg), address: leg.address }
  }

  get #isShared(): boolean {
    return this.#instance !== undefined
  }

  // spec: STT-RLY-10
  #dial(leg: Leg<Link>, message: Dial, now: number): void {
    this.#counts.dials++
    if (!this.#isAllowed(leg, message)) return this.#refuse(leg, 'auth', now)
    const { circuits, tickets } = this.#limits
    // Dials that seek their listener, and dials that wait for it.
    const isFull = this.#waiting.size >= tickets || this.#circuits.size + this.#waiting.size >= circuits
    if (this.#isLeaving || isFull) return this.#refuse(leg, 'full', now)
    // Before the name is looked up, so that dials of unknown names count too.
    const limit = this.#circuitShares.enter(leg.address, now)
    if (limit) return this.#refuse(leg, limit, now)
    const listener = this.#mailboxes.find(message.mailboxes)
    if (listener) return this.#call(leg, listener, now)
    if (this.#isShared) return this.#seek(leg, message.mailboxes, now)
    this.#circuitShares.leave(leg.address, now)
    this.#refuse(leg, 'nobody', now)
  }

  #seek(leg: Leg<Link>, mailboxes: readonly Uint8Array[], now: number): void {
    this.#prove(leg, 'seeking')
    this.#waiting.set(leg, now)
    this.#event({ type: 'seeks', link: leg.link, mailboxes: mailboxes.map(each => each.slice()) })
  }

  /** Tells a listener of a dial. */
  #call(leg: Leg<Link>, listener: Leg<Link>, now: number): void {
    if (listener.circuits >= this.#limits.circuitsPerListener) {
      this.#circuitShares.leave(leg.address, now)
      leg.phase = 'greeted'
      return this.#refuse(leg, 'full', now)
    }
    this.#prove(leg, 'waiting')
    const ticket = this.#entropy(TICKET_SIZE)
    leg.call = { listener, ticket: toHex(ticket), address: leg.address }
    listener.circuits++
    this.#tickets.set(leg.call.ticket, leg)
    this.#waiting.set(leg, now)
    // spec: STT-RLY-37
    this.#transmit(listener, encodeIncoming(ticket, this.#instance))
    if (this.#isShared && leg.address !== undefined)
      this.#event({ type: 'dialed', link: leg.link, address: leg.address })
  }

  // spec: STT-RLY-11
  #accept(leg: Leg<Link>, ticket: Uint8Array, now: number): void {
    const name = toHex(ticket)
    const dialer = this.#tickets.get(name)
    if (!dialer) return this.#refuse(leg, 'nobody', now)
    this.#tickets.delete(name)
    this.#waiting.delete(dialer)
    this.#prove(leg, 'spliced')
    dialer.phase = 'spliced'
    const circuit = new Circuit(dialer.link, leg.link, this.#limits, now)
    dialer.circuit = leg.circuit = circuit
    this.#circuits.set(circuit, dialer.call!)
    if (this.#limits.freeSeconds > 0) this.#lifetimes.set(circuit, now)
    this.#counts.spliced++
    // spec: STT-RLY-12
    for (const each of [dialer, leg]) this.#transmit(each, encodeSpliced())
    this.#event({ type: 'spliced', circuit })
  }

  #isAllowed(leg: Leg<Link>, message: Listen | Dial): boolean {
    return this.isOpen || this.#keys.verify(message, leg.nonce, this.#authorities)
  }

  #prove(leg: Leg<Link>, phase: Leg<Link>['phase']): void {
    leg.phase = phase
    if (this.#silent.delete(leg)) this.#event({ type: 'proved', link: leg.link })
  }

  /** Asks a listener whether it is alive, but not often: others can provoke the question as often as they like. */
  // spec: STT-RLY-9
  #probe(leg: Leg<Link>, now: number): void {
    if (now < leg.nextProbeAt) return
    leg.nextProbeAt = now + PROBE_PAUSE
    leg.probe = this.#entropy(HEARTBEAT_SIZE)
    this.#probed.set(leg, now)
    this.#transmit(leg, encodePing(leg.probe))
  }

  #answered(leg: Leg<Link>, data: Uint8Array): void {
    if (leg.probe && equalBytes(leg.probe, data)) this.#probed.delete(leg)
  }

  #onTime(now: number): void {
    for (let leg = this.#silent.takeDue(now); leg; leg = this.#silent.takeDue(now)) {
      this.#violated(leg, 'no message came in time', now)
    }
    for (let leg = this.#listening.takeDue(now); leg; leg = this.#listening.takeDue(now)) {
      this.#close(leg, 1000, 'it listens no more', now)
    }
    for (let leg = this.#probed.takeDue(now); leg; leg = this.#probed.takeDue(now)) {
      this.#close(leg, 1000, 'it does not answer', now)
    }
    for (let leg = this.#waiting.takeDue(now); leg; leg = this.#waiting.takeDue(now)) this.#refuse(leg, 'nobody', now)
    // spec: STT-RLY-15
    for (let circuit = this.#lifetimes.takeDue(now); circuit; circuit = this.#lifetimes.takeDue(now)) {
      this.#endCircuit(circuit, now)
    }
    this.#mailboxes.onTime(now)
    this.#listenerShares.onTime(now)
    this.#circuitShares.onTime(now)
  }

  // spec: STT-RLY-34
  #endCircuit({ dialer, acceptor }: Circuit<Link>, now: number, busy?: string): void {
    for (const link of [dialer, acceptor]) {
      const leg = this.#legs.get(link)
      if (!leg) continue
      if (busy === undefined) this.#close(leg, 1000, 'the circuit has ended', now)
      else this.#close(leg, 1013, busy, now)
    }
  }

  #violated(leg: Leg<Link>, why: string, now: number): void {
    this.#counts.violations++
    this.#close(leg, 1008, why, now)
  }

  // spec: STT-RLY-35
  #refuse(leg: Leg<Link>, reason: Refusal, now: number, url?: string): void {
    this.#sayNo(leg, reason, url)
    this.#close(leg, CLOSE_CODES[reason], reason, now)
  }

  #sayNo(leg: Leg<Link>, reason: Refusal, url?: string): void {
    this.#refused[reason]++
    this.#transmit(leg, encodeNo(reason, RETRY_AFTER[reason], reason === 'elsewhere' ? url : ''))
  }

  #close(leg: Leg<Link>, code: 1000 | 1008 | 1013, reason: string, now: number): void {
    if (!this.#legs.has(leg.link)) return
    this.#event({ type: 'close', link: leg.link, code, reason })
    this.#forget(leg, now)
  }

  /** Frees everything that a leg holds, and ends what depends on it. */
  #forget(leg: Leg<Link>, now: number, busy?: string): void {
    this.#legs.delete(leg.link)
    this.#silent.delete(leg)
    if (leg.phase === 'listening') this.#forgetListener(leg, now)
    else if (leg.phase === 'seeking') {
      this.#waiting.delete(leg)
      this.#circuitShares.leave(leg.address, now)
    } else if (leg.phase === 'waiting') {
      this.#waiting.delete(leg)
      this.#tickets.delete(leg.call!.ticket)
      this.#hangUp(leg.link, leg.call!, now)
    } else if (leg.circuit) this.#forgetCircuit(leg.circuit, now, busy)
  }

  #forgetListener(leg: Leg<Link>, now: number): void {
    this.#listening.delete(leg)
    this.#probed.delete(leg)
    this.#listenerShares.leave(leg.address, now)
    if (this.#isShared) this.#event({ type: 'left', link: leg.link, names: this.#mailboxes.namesOf(leg) })
    this.#mailboxes.leave(leg, now)
    for (const dialer of [...this.#tickets.values()]) {
      if (dialer.call!.listener === leg) this.#refuse(dialer, 'nobody', now)
    }
  }

  #forgetCircuit(circuit: Circuit<Link>, now: number, busy: string | undefined): void {
    const call = this.#circuits.get(circuit)
    if (!call) return
    this.#circuits.delete(circuit)
    this.#lifetimes.delete(circuit)
    this.#hangUp(circuit.dialer, call, now)
    this.#endCircuit(circuit, now, busy)
  }

  #hangUp(link: Link, { listener, address }: Call<Link>, now: number): void {
    listener.circuits--
    this.#circuitShares.leave(address, now)
    if (this.#isShared && address !== undefined) this.#event({ type: 'hung-up', link })
  }

  #transmit(leg: Leg<Link>, packet: Uint8Array): void {
    this.#outputs.push({ type: 'transmit', packet, to: leg.link })
  }

  #event(event: RelayEvent<Link>): void {
    this.#outputs.push({ type: 'event', event })
  }
}

/** One connection to the relay. */
class Leg<Link> {
  readonly link: Link
  readonly address: string | undefined
  readonly nonce: Uint8Array
  readonly budget: TokenBucket
  phase: 'greeted' | 'listening' | 'seeking' | 'waiting' | 'spliced' = 'greeted'
  /** The call of a dialer. */
  call: Call<Link> | undefined
  circuit: Circuit<Link> | undefined
  /** Circuits and dials of a listener. */
  circuits = 0
  probe: Uint8Array | undefined
  nextProbeAt = Number.NEGATIVE_INFINITY

  constructor(link: Link, address: string | undefined, nonce: Uint8Array, now: number) {
    this.link = link
    this.address = address
    this.nonce = nonce
    this.budget = new TokenBucket(MESSAGES_PER_SECOND, MESSAGES_AT_ONCE, now)
  }
}

/** A dial and its listener. */
interface Call<Link> {
  readonly listener: Leg<Link>
  readonly ticket: string
  /** The dialer's address, which its circuits count for. */
  readonly address: string | undefined
}

const CLOSE_CODES: Readonly<Record<Refusal, 1000 | 1008 | 1013>> = {
  full: 1013,
  nobody: 1000,
  auth: 1008,
  rate: 1013,
  taken: 1000,
  elsewhere: 1000,
}

/** Milliseconds. */
const RETRY_AFTER: Readonly<Record<Refusal, number>> = {
  full: 5_000,
  nobody: 2_000,
  auth: 60_000,
  rate: 1_000,
  // A holder that does not answer has lost its names by then.
  taken: 33_000,
  elsewhere: 0,
}

/** Milliseconds. */
const FIRST_MESSAGE_WITHIN = 5_000
const LISTEN_LASTS = 90_000
const TICKET_LASTS = 10_000
const PROBE_LASTS = 3_000
const PROBE_PAUSE = 10_000
const RETURN_AFTER = 1_000
const RETURN_SPREAD = 10_000
const TRY_FOR = 60_000
// spec: STT-RLY-17
const MESSAGES_PER_SECOND = 20
const MESSAGES_AT_ONCE = 40
const MAILBOXES_PER_LEG = 4
