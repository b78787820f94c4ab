import type { Entropy } from '@stt/crypto'
import { isSttError } from '@stt/errors'
import { Fifo, type Output } from '@stt/frame'
import { proveAccess } from '../access.ts'
import { Redial } from '../client/redial.ts'
import type { Greeting, No } from '../messages/message.ts'
import { hoursAt, relayAuthority, untilHoursChange } from '../names.ts'
import { decodeRegistryMessage } from './decode.ts'
import { encodeGet, encodePut } from './encode.ts'
import type { RegistryEntry, RegistryMessage } from './message.ts'

/** A record for one topic, sealed. */
export interface RecordToPut {
  readonly topic: Uint8Array
  readonly token: Uint8Array
  readonly blob: Uint8Array
}

export interface RegistryClientOptions {
  /** The relay whose registry it is, as it is dialed. */
  readonly url: string
  /** `access` of the seed's rendezvous keys: shown only to a registry that asks for a proof. */
  readonly access: Uint8Array
  /** What the node says of itself in the topics of these hours, sealed anew at each call. */
  readonly records: (hours: readonly [number, number]) => readonly RecordToPut[]
  /** The topics of these hours. */
  readonly topics: (hours: readonly [number, number]) => readonly Uint8Array[]
  readonly entropy: Entropy
}

export type RegistryClientEvent =
  /** Open a WebSocket to the registry; then call `opened`, or `closed` when that fails. */
  | { readonly type: 'open' }
  /** End the WebSocket behind what was transmitted; `closed` need not be called. */
  | { readonly type: 'close' }
  | { readonly type: 'greeted'; readonly greeting: Greeting }
  /** What is in a topic. Views of what was received. */
  | { readonly type: 'found'; readonly topic: Uint8Array; readonly entries: readonly RegistryEntry[] }
  /** All topics were answered: who was not found in them is not there. */
  | { readonly type: 'asked' }
  /** What the node says of itself is there. */
  | { readonly type: 'published' }
  | { readonly type: 'refused'; readonly no: No }
  | { readonly type: 'lost'; readonly reason: string }

/**
 * A node's dealings with one registry, without socket and clock: says where the node is, each minute and when that changes, and
 * asks who else is there for as long as that is wanted. It is connected only while it wants one of both.
 */
export class RegistryClient {
  readonly #options: RegistryClientOptions
  readonly #authority: string
  readonly #redial: Redial
  readonly #outputs = new Fifo<Output<RegistryClientEvent, undefined>>()
  #state: 'idle' | 'waiting' | 'opening' | 'greeting' | 'open' | 'stopped' = 'idle'
  /** When to do what the state waits for: dial, give up. */
  #at = Number.POSITIVE_INFINITY
  #greeting: Greeting | undefined
  #greetedAt = 0
  #isPublishing = false
  #isWatching = false
  #publishAt = Number.POSITIVE_INFINITY
  #publishedAt = Number.NEGATIVE_INFINITY
  #askAt = Number.POSITIVE_INFINITY
  #asks = 0
  #askedAt = Number.NEGATIVE_INFINITY
  /** What was sent and is not answered, oldest first. */
  readonly #pending = new Fifo<Pending>()
  #answerBy = Number.POSITIVE_INFINITY
  /** What the node has there, and would take out again. */
  #published: readonly RecordToPut[] = []

  constructor(options: RegistryClientOptions) {
    this.#options = options
    this.#authority = relayAuthority(options.url)
    this.#redial = new Redial(options.entropy)
  }

  /** Says where the node is from now on; what it says is another than before: says so at once. */
  publish(now: number): void {
    this.#isPublishing = true
    this.#publishAt = Math.max(now, this.#publishedAt + FIRST_PAUSES[0]!)
    this.#wake(now)
  }

  /** Takes out what was said, and says nothing any more. */
  withdraw(): void {
    this.#isPublishing = false
    this.#publishAt = Number.POSITIVE_INFINITY
    if (this.#state === 'open') {
      for (const { topic, token } of this.#published) this.#put({ topic, token, blob: NOTHING }, 0)
    }
    this.#published = []
  }

  /** Asks who is there: at once, soon again, and then each 20 s. */
  // spec: STT-REG-12
  watch(now: number): void {
    this.#isWatching = true
    this.#asks = 0
    // A program may begin to look as often as it likes.
    this.#askAt = Math.max(now, this.#askedAt + FIRST_PAUSES[0]!)
    this.#wake(now)
  }

  unwatch(): void {
    this.#isWatching = false
    this.#askAt = Number.POSITIVE_INFINITY
  }

  /** The WebSocket is open. */
  opened(now: number): void {
    if (this.#state !== 'opening') return
    this.#state = 'greeting'
    this.#at = now + ANSWER_WITHIN
  }

  receive(bytes: Uint8Array, now: number): void {
    if (this.#state !== 'greeting' && this.#state !== 'open') return
    let message: RegistryMessage
    try {
      message = decodeRegistryMessage(bytes)
    } catch (error) {
      if (isSttError(error, 'STT_DECODE')) return this.#giveUp('it sent what no registry sends', now)
      throw error
    }
    if (this.#state === 'greeting') this.#greeted(message, now)
    else this.#answered(message, now)
  }

  /** The WebSocket has ended, or could not be opened. */
  closed(now: number): void {
    if (this.#state === 'opening' || this.#state === 'greeting' || this.#state === 'open')
      this.#lost('the connection ended', now)
  }

  /** The machine woke up, or has another network: what waits is tried now, and what seems to live is asked. */
  networkChanged(now: number): void {
    if (this.#state === 'waiting') {
      this.#redial.reset()
      this.#at = now
    } else if (this.#state === 'open') {
      if (this.#isPublishing) this.#publishAt = now
      if (this.#isWatching) this.#askAt = now
    }
  }

  /** Takes out what was said and ends the connection. */
  stop(): void {
    this.withdraw()
    this.unwatch()
    if (this.#state === 'opening' || this.#state === 'greeting' || this.#state === 'open')
      this.#event({ type: 'close' })
    this.#state = 'stopped'
  }

  /**
   * What to do now, one thing at a time.
   *
   * @param now milliseconds of a clock that never goes back
   * @param unixSeconds the time of day: names change with the hour
   */
  poll(now: number, unixSeconds: number): Output<RegistryClientEvent, undefined> {
    const waiting = this.#outputs.shift()
    if (waiting) return waiting
    this.#onTime(now, unixSeconds)
    return this.#outputs.shift() ?? { type: 'timeout', at: this.#deadline() }
  }

  #deadline(): number {
    if (this.#state === 'stopped' || this.#state === 'idle') return Number.POSITIVE_INFINITY
    if (this.#state !== 'open') return this.#at
    return Math.min(this.#publishAt, this.#askAt, this.#answerBy)
  }

  #onTime(now: number, unixSeconds: number): void {
    if (this.#state === 'waiting' && now >= this.#at) {
      this.#state = 'opening'
      this.#at = Number.POSITIVE_INFINITY
      this.#event({ type: 'open' })
    } else if (this.#state === 'greeting' && now >= this.#at) this.#giveUp('it sends no greeting', now)
    if (this.#state !== 'open') return
    if (now >= this.#answerBy) return this.#giveUp('it does not answer', now)
    if (now >= this.#publishAt) this.#publish(now, unixSeconds)
    if (now >= this.#askAt) this.#ask(now, unixSeconds)
    this.#expectAnswer(now)
    if (!this.#isPublishing && !this.#isWatching && this.#pending.length === 0) this.#rest()
  }

  /** Wants something of the registry. */
  #wake(now: number): void {
    if (this.#state !== 'idle') return
    this.#state = 'waiting'
    this.#at = now
  }

  /** Nothing is wanted any more. */
  #rest(): void {
    this.#event({ type: 'close' })
    this.#reset()
    this.#state = 'idle'
  }

  #greeted(message: RegistryMessage, now: number): void {
    if (message.type === 'no') return this.#refused(message, now)
    if (message.type !== 'greeting') return this.#giveUp('it does not begin with a greeting', now)
    this.#greeting = { ...message, nonce: message.nonce.slice() }
    this.#event({ type: 'greeted', greeting: this.#greeting })
    this.#state = 'open'
    this.#greetedAt = now
    if (this.#isPublishing) this.#publishAt = now
    if (this.#isWatching) this.#askAt = now
  }

  // spec: STT-REG-11
  #publish(now: number, unixSeconds: number): void {
    const records = this.#options.records(hoursAt(unixSeconds)).slice(0, MOST_TOPICS)
    for (const record of records) this.#put(record, TTL)
    this.#published = records
    this.#publishedAt = now
    this.#publishAt = now + Math.min(PUBLISH_INTERVAL, 1_000 * untilHoursChange(unixSeconds))
  }

  // spec: STT-REG-12
  #ask(now: number, unixSeconds: number): void {
    const topics = this.#options.topics(hoursAt(unixSeconds)).slice(0, MOST_TOPICS)
    topics.forEach((topic, i) => {
      this.#pending.push({ topic, entries: [], isLast: i === topics.length - 1 })
      this.#transmit(encodeGet(topic, this.#prove))
    })
    this.#askedAt = now
    this.#askAt = now + (FIRST_PAUSES[this.#asks++] ?? ASK_INTERVAL)
  }

  #put({ topic, token, blob }: RecordToPut, ttl: number): void {
    this.#pending.push({ isLast: false })
    this.#transmit(encodePut({ topic, token, ttl, blob }, this.#prove))
  }

  // spec: STT-RLY-7 STT-REG-7
  #prove = (type: number, body: Uint8Array): Uint8Array => {
    const { nonce, needsAccess } = this.#greeting!
    return needsAccess ? proveAccess(this.#options.access, { authority: this.#authority, nonce }, type, body) : NOTHING
  }

  #expectAnswer(now: number): void {
    if (this.#pending.length > 0 && this.#answerBy === Number.POSITIVE_INFINITY) this.#answerBy = now + ANSWER_WITHIN
  }

  #answered(message: RegistryMessage, now: number): void {
    const pending = this.#pending.peek()
    if (message.type === 'no' && (message.reason !== 'full' || !pending || pending.topic))
      return this.#refused(message, now)
    if (!pending) return this.#giveUp('it answers what it was not asked', now)
    const { topic, entries } = pending
    if (topic && message.type === 'records') {
      for (const { slot, blob } of message.entries) entries.push({ slot: slot.slice(), blob: blob.slice() })
      if (entries.length > MOST_ENTRIES) return this.#giveUp('it has more records than a topic holds', now)
      if (message.more) return
    } else if (topic || (message.type !== 'stored' && message.type !== 'no')) {
      return this.#giveUp('it answers another thing than it was asked', now)
    }
    this.#pending.shift()
    this.#answerBy = this.#pending.length > 0 ? now + ANSWER_WITHIN : Number.POSITIVE_INFINITY
    if (message.type === 'no') this.#event({ type: 'refused', no: message })
    else if (message.type === 'stored') this.#event({ type: 'published' })
    else {
      this.#event({ type: 'found', topic: topic!, entries: entries! })
      if (pending.isLast) this.#event({ type: 'asked' })
    }
  }

  #refused(no: No, now: number): void {
    this.#event({ type: 'refused', no })
    this.#giveUp(`it said no: ${no.reason}`, now, Math.min(no.retryAfter, LONGEST_WAIT))
  }

  #giveUp(reason: string, now: number, atLeast = 0): void {
    this.#event({ type: 'close' })
    this.#lost(reason, now, atLeast)
  }

  #lost(reason: string, now: number, atLeast = 0): void {
    // One that ends as soon as it is open has not worked.
    if (this.#greeting && now - this.#greetedAt >= STABLE_AFTER) this.#redial.reset()
    this.#reset()
    const isWanted = this.#isPublishing || this.#isWatching
    this.#state = isWanted ? 'waiting' : 'idle'
    this.#at = isWanted ? now + Math.max(atLeast, this.#redial.next(now)) : Number.POSITIVE_INFINITY
    this.#event({ type: 'lost', reason })
  }

  #reset(): void {
    this.#greeting = undefined
    this.#answerBy = Number.POSITIVE_INFINITY
    // What was asked over a connection that is gone is asked again.
    this.#pending.clear()
  }

  #transmit(packet: Uint8Array): void {
    this.#outputs.push({ type: 'transmit', packet, to: undefined })
  }

  #event(event: RegistryClientEvent): void {
    this.#outputs.push({ type: 'event', event })
  }
}

/** A PUT, or with a topic a GET, that waits for its answer. */
type Pending =
  | { readonly topic?: undefined; readonly entries?: undefined; readonly isLast: boolean }
  | { readonly topic: Uint8Array; readonly entries: RegistryEntry[]; readonly isLast: boolean }

const NOTHING = new Uint8Array(0)

/** Seconds for which a record is kept. */
const TTL = 150
/** Milliseconds. */
const PUBLISH_INTERVAL = 60_000
/** Whoever has begun to look may wait for it. */
const FIRST_PAUSES: readonly number[] = [1_000, 2_000, 3_000, 3_000]
const ASK_INTERVAL = 20_000
const STABLE_AFTER = 10_000
const ANSWER_WITHIN = 10_000
/** A registry's word is not followed for longer. */
const LONGEST_WAIT = 600_000
/** Two seeds in two hours. */
const MOST_TOPICS = 4
const MOST_ENTRIES = 64
