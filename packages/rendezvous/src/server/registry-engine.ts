import { type Entropy, toHex } from '@stt/crypto'
import { isSttError } from '@stt/errors'
import { Fifo, type Output } from '@stt/frame'
import { AccessKeys } from '../access.ts'
import { Deadlines } from '../deadlines.ts'
import { encodeGreeting, encodeNo } from '../messages/encode.ts'
import { NONCE_SIZE } from '../messages/message.ts'
import { slotName } from '../names.ts'
import { decodeRegistryMessage } from '../registry/decode.ts'
import { encodeRecords, encodeStored } from '../registry/encode.ts'
import { type Get, MAX_SLOTS, type Put, type RegistryEntry, type RegistryMessage } from '../registry/message.ts'
import { TokenBucket } from '../token-bucket.ts'
import { type AddressShares, registryShares } from './address-shares.ts'
import type { RegistryRefusal, RegistryStatistics } from './registry-statistics.ts'
import type { LegOrigin, RelayEngineOptions } from './relay-engine.ts'
import { type RelayLimits, resolveRelayLimits } from './relay-limits.ts'
import { type RecordForSlot, Topics } from './topics.ts'

/** An event of a `RegistryEngine`. */
export type RegistryEvent<Link> =
  /** The connection has made its first valid request and may stay. */
  | { readonly type: 'proved'; readonly link: Link }
  /** Close the connection with this code of RFC 6455, after the messages transmitted on it. */
  | { readonly type: 'close'; readonly link: Link; readonly code: 1000 | 1008 | 1013; readonly reason: string }
  // The next two occur only with several instances. Do not read from the connection until they are answered.
  /** A record was stored here: share it with the other instances and answer with `stored`. */
  | { readonly type: 'puts'; readonly link: Link; readonly record: SharedRecord }
  /** A client asks for a topic: collect the records of all instances and answer with `found`. */
  | { readonly type: 'gets'; readonly link: Link; readonly topic: Uint8Array }

/** A record that all instances share. */
export interface SharedRecord extends RecordForSlot {
  /** The address that the record counts for; undefined if many clients share it. */
  readonly address: string | undefined
}

/**
 * The registry of a relay, without sockets and without a clock. Nodes publish their sealed records here under names that change each
 * hour. Connections, their messages and the time go in; the consequences come out of `poll`.
 *
 * @typeParam Link the driver's object for a connection, a different one for each
 */
export class RegistryEngine<Link extends object> {
  readonly #limits: RelayLimits
  readonly #entropy: Entropy
  readonly #keys: AccessKeys
  readonly #isShared: boolean
  readonly #authorities: readonly string[]
  readonly #outputs = new Fifo<Output<RegistryEvent<Link>, Link>>()
  readonly #legs = new Map<Link, Leg<Link>>()
  readonly #topics: Topics
  readonly #shares: AddressShares
  /** Legs that have made no request yet. */
  readonly #silent = new Deadlines<Leg<Link>>(FIRST_MESSAGE_WITHIN)
  readonly #idle = new Deadlines<Leg<Link>>(IDLE_FOR)
  readonly #counts = { connections: 0, puts: 0, gets: 0, violations: 0 }
  readonly #refused: Record<RegistryRefusal, number> = { full: 0, auth: 0, rate: 0 }

  constructor({ entropy, keys = [], authorities = [], limits, instance }: Omit<RelayEngineOptions, 'udpPorts'>) {
    this.#isShared = instance !== undefined
    this.#keys = new AccessKeys(keys)
    this.#limits = resolveRelayLimits(limits, this.#isOpen)
    this.#entropy = entropy
    this.#authorities = authorities
    this.#topics = new Topics()
    this.#shares = registryShares(this.#limits)
  }

  /** Counters up to now. */
  getStatistics(): RegistryStatistics {
    const { size, topics, displaced } = this.#topics
    return {
      records: size,
      topics,
      displaced,
      clients: this.#legs.size,
      ...this.#counts,
      refused: { ...this.#refused },
    }
  }

  /** A connection has opened: it gets its greeting. */
  // spec: STT-REG-6
  opened(link: Link, { address, observed }: LegOrigin, now: number, unixSeconds: number): void {
    const leg = new Leg(link, address, this.#entropy(NONCE_SIZE), now)
    this.#legs.set(link, leg)
    this.#silent.set(leg, now)
    this.#counts.connections++
    const greeting = { ...this.#limits, observed, unixSeconds, nonce: leg.nonce, needsAccess: !this.#isOpen }
    this.#transmit(leg, encodeGreeting({ ...greeting, udpPorts: [0, 0] }))
    if (this.#legs.size > this.#limits.registryClients) return this.#refuse(leg, 'full', now)
    const limit = this.#shares.enter(address, now)
    if (limit) this.#refuse(leg, limit, now)
    else leg.isCounted = true
  }

  /** A message has arrived. */
  receive(link: Link, bytes: Uint8Array, now: number): void {
    const leg = this.#legs.get(link)
    if (!leg) return
    // spec: STT-REG-10
    if (!leg.budget.take(now)) return this.#refuse(leg, 'rate', now)
    let message: RegistryMessage
    try {
      message = decodeRegistryMessage(bytes)
    } catch (error) {
      if (isSttError(error, 'STT_DECODE')) return this.#violated(leg, 'a message that no client sends', now)
      throw error
    }
    if (message.type !== 'put' && message.type !== 'get') return this.#violated(leg, 'a message of a registry', now)
    // spec: STT-REG-7
    if (!this.#isAllowed(leg, message)) return this.#refuse(leg, 'auth', now)
    this.#prove(leg, now)
    if (message.type === 'put') this.#put(leg, message, now)
    else this.#get(leg, message)
  }

  /** The answer to `puts`. @param isKept whether all instances together have room for the record */
  // spec: STT-REG-9
  stored(link: Link, record: SharedRecord, isKept: boolean, now: number): void {
    const leg = this.#legs.get(link)
    if (!isKept) this.#topics.put({ ...record, ttl: 0 }, undefined, this.#limits, now)
    if (!leg) return
    if (isKept) this.#transmit(leg, encodeStored())
    else this.#sayNo(leg, 'full')
  }

  /**
   * The answer to `gets`.
   *
   * @param entries the records of all instances; undefined if they are not known
   * @param isWhole whether they include the latest records of this instance
   */
  found(link: Link, topic: Uint8Array, entries: readonly RegistryEntry[] | undefined, isWhole: boolean): void {
    const leg = this.#legs.get(link)
    if (leg) this.#give(leg, entries && isWhole ? entries : this.#merged(topic, entries ?? []))
  }

  /** The records of this instance, for a store that has forgotten them. */
  records(now: number): Generator<SharedRecord, void, undefined> {
    return this.#topics.records(now)
  }

  /** The connection has ended. Its records stay until their time is over, because the client may come back. */
  closed(link: Link, now: number): void {
    const leg = this.#legs.get(link)
    if (leg) this.#forget(leg, now)
  }

  /** The next thing to do. Call it until it answers a timeout. */
  poll(now: number): Output<RegistryEvent<Link>, Link> {
    this.#onTime(now)
    const output = this.#outputs.shift()
    if (output) return output
    const at = Math.min(this.#silent.next, this.#idle.next, this.#topics.deadline, this.#shares.deadline)
    return { type: 'timeout', at }
  }

  get #isOpen(): boolean {
    return this.#keys.size === 0
  }

  #put(leg: Leg<Link>, message: Put, now: number): void {
    this.#counts.puts++
    const { topic, token } = message
    const record = { ...message, slot: slotName(topic, token) }
    const isKept = leg.mayWrite(message, now) && this.#topics.put(record, leg.address, this.#limits, now)
    if (!isKept) return this.#sayNo(leg, 'full')
    if (!this.#isShared) return this.#transmit(leg, encodeStored())
    const { ttl, blob } = message
    const shared = { topic: topic.slice(), slot: record.slot, ttl, blob: blob.slice(), address: leg.address }
    this.#outputs.push({ type: 'event', event: { type: 'puts', link: leg.link, record: shared } })
  }

  #get(leg: Leg<Link>, { topic }: Get): void {
    this.#counts.gets++
    if (!this.#isShared) return this.#give(leg, this.#topics.entries(topic))
    this.#outputs.push({ type: 'event', event: { type: 'gets', link: leg.link, topic: topic.slice() } })
  }

  #give(leg: Leg<Link>, entries: readonly RegistryEntry[]): void {
    for (const packet of encodeRecords(entries)) this.#transmit(leg, packet)
  }

  /** The records of this instance, and as many of the others as fit. */
  // spec: STT-REG-9
  #merged(topic: Uint8Array, others: readonly RegistryEntry[]): readonly RegistryEntry[] {
    const own = this.#topics.entries(topic)
    const slots = new Set(own.map(({ slot }) => toHex(slot)))
    return [...own, ...others.filter(({ slot }) => !slots.has(toHex(slot)))].slice(0, MAX_SLOTS)
  }

  #isAllowed(leg: Leg<Link>, message: Put | Get): boolean {
    return this.#isOpen || this.#keys.verify(message, leg.nonce, this.#authorities)
  }

  #prove(leg: Leg<Link>, now: number): void {
    if (this.#silent.delete(leg)) this.#outputs.push({ type: 'event', event: { type: 'proved', link: leg.link } })
    this.#idle.set(leg, now)
  }

  #onTime(now: number): void {
    for (let leg = this.#silent.takeDue(now); leg; leg = this.#silent.takeDue(now)) {
      this.#violated(leg, 'no message came in time', now)
    }
    for (let leg = this.#idle.takeDue(now); leg; leg = this.#idle.takeDue(now)) {
      this.#close(leg, 1000, 'it sends nothing any more', now)
    }
    this.#topics.onTime(now)
    this.#shares.onTime(now)
  }

  #violated(leg: Leg<Link>, why: string, now: number): void {
    this.#counts.violations++
    this.#close(leg, 1008, why, now)
  }

  // spec: STT-REG-13
  #refuse(leg: Leg<Link>, reason: RegistryRefusal, now: number): void {
    this.#sayNo(leg, reason)
    this.#close(leg, reason === 'auth' ? 1008 : 1013, reason, now)
  }

  #sayNo(leg: Leg<Link>, reason: RegistryRefusal): void {
    this.#refused[reason]++
    this.#transmit(leg, encodeNo(reason, RETRY_AFTER[reason]))
  }

  #close(leg: Leg<Link>, code: 1000 | 1008 | 1013, reason: string, now: number): void {
    this.#outputs.push({ type: 'event', event: { type: 'close', link: leg.link, code, reason } })
    this.#forget(leg, now)
  }

  #forget(leg: Leg<Link>, now: number): void {
    this.#legs.delete(leg.link)
    this.#silent.delete(leg)
    this.#idle.delete(leg)
    if (leg.isCounted) this.#shares.leave(leg.address, now)
  }

  #transmit(leg: Leg<Link>, packet: Uint8Array): void {
    this.#outputs.push({ type: 'transmit', packet, to: leg.link })
  }
}

/** One connection to the registry. */
class Leg<Link> {
  readonly link: Link
  readonly address: string | undefined
  readonly nonce: Uint8Array
  readonly budget: TokenBucket
  /** Whether the address of the connection counts it. */
  isCounted = false
  /** Topics that it wrote to, and when its latest record there ends. */
  readonly #written = new Map<string, number>()

  constructor(link: Link, address: string | undefined, nonce: Uint8Array, now: number) {
    this.link = link
    this.address = address
    this.nonce = nonce
    this.budget = new TokenBucket(MESSAGES_PER_SECOND, MESSAGES_AT_ONCE, now)
  }

  /** Whether the connection may write to the topic: it may have records in a few topics at once. */
  // spec: STT-REG-10
  mayWrite({ topic, ttl }: Put, now: number): boolean {
    const key = String.fromCharCode(...topic)
    if (!this.#written.has(key) && this.#written.size >= MAX_TOPICS) {
      for (const [each, until] of this.#written) if (until <= now) this.#written.delete(each)
      if (this.#written.size >= MAX_TOPICS) return false
    }
    this.#written.set(key, now + ttl * 1_000)
    return true
  }
}

/** Milliseconds. */
const RETRY_AFTER: Readonly<Record<RegistryRefusal, number>> = { full: 60_000, auth: 60_000, rate: 5_000 }

/** Milliseconds. */
const FIRST_MESSAGE_WITHIN = 5_000
const IDLE_FOR = 150_000
const MESSAGES_PER_SECOND = 4
/** A node with two seeds asks for four topics and writes to them. */
const MESSAGES_AT_ONCE = 16
const MAX_TOPICS = 32
