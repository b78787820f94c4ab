import type { Entropy } from '@stt/crypto'
import { Fifo, type Output } from '@stt/frame'
import { type ConnectionEvent, ServerConnection } from '../client/server-connection.ts'
import type { No } from '../messages/message.ts'
import { hoursAt, untilHoursChange } from '../names.ts'
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
  | ConnectionEvent
  /** What is in a topic. Views of what was received. */
  | { readonly type: 'found'; readonly topic: Uint8Array; readonly entries: readonly RegistryEntry[] }
  /** All topics were answered: who was not found in them is not there. */
  | { readonly type: 'asked' }
  /** What the node says of itself is there. */
  | { readonly type: 'published' }
  | { readonly type: 'refused'; readonly no: No }

/**
 * A node's dealings with one registry, without socket and clock: says where the node is, each minute and when that changes, and
 * asks who else is there for as long as that is wanted. It is connected only while it wants one of both.
 */
export class RegistryClient {
  readonly #options: RegistryClientOptions
  readonly #connection: ServerConnection<RegistryClientEvent, RegistryMessage>
  #greetedAt = Number.POSITIVE_INFINITY
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
    this.#connection = new ServerConnection({
      ...options,
      server: 'registry',
      greetingWithin: ANSWER_WITHIN,
      decode: decodeRegistryMessage,
      onGreeted: now => this.#onGreeted(now),
      onMessage: (message, now) => this.#answered(message, now),
      onNo: (no, now) => this.#refused(no, now),
      onLost: now => this.#onLost(now),
    })
  }

  /** Says where the node is from now on; what it says is another than before: says so at once. */
  publish(now: number): void {
    this.#isPublishing = true
    this.#publishAt = Math.max(now, this.#publishedAt + FIRST_PAUSES[0]!)
    this.#connection.wake(now)
  }

  /** Takes out what was said, and says nothing any more. */
  withdraw(): void {
    this.#isPublishing = false
    this.#publishAt = Number.POSITIVE_INFINITY
    if (this.#connection.isOpen) {
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
    this.#connection.wake(now)
  }

  unwatch(): void {
    this.#isWatching = false
    this.#askAt = Number.POSITIVE_INFINITY
  }

  /** The WebSocket is open. */
  opened(now: number): void {
    this.#connection.opened(now)
  }

  receive(bytes: Uint8Array, now: number): void {
    this.#connection.receive(bytes, now)
  }

  /** The WebSocket has ended, or could not be opened. */
  closed(now: number): void {
    this.#connection.closed(now)
  }

  /** The machine woke up, or has another network: what waits is tried now, and what seems to live is asked. */
  networkChanged(now: number): void {
    if (this.#connection.isOpen) this.#tellAndAsk(now)
    else this.#connection.hurry(now)
  }

  /** Takes out what was said and ends the connection. */
  stop(): void {
    this.withdraw()
    this.unwatch()
    this.#connection.stop()
  }

  /**
   * What to do now, one thing at a time.
   *
   * @param now milliseconds of a clock that never goes back
   * @param unixSeconds the time of day: names change with the hour
   */
  poll(now: number, unixSeconds: number): Output<RegistryClientEvent, undefined> {
    const waiting = this.#connection.take()
    if (waiting) return waiting
    this.#onTime(now, unixSeconds)
    return this.#connection.take() ?? { type: 'timeout', at: this.#deadline() }
  }

  #deadline(): number {
    if (!this.#connection.isOpen) return this.#connection.deadline
    return Math.min(this.#publishAt, this.#askAt, this.#answerBy)
  }

  #onTime(now: number, unixSeconds: number): void {
    if (!this.#connection.onTime(now)) return
    if (now >= this.#answerBy) return this.#connection.giveUp('it does not answer', now)
    if (now >= this.#publishAt) this.#publish(now, unixSeconds)
    if (now >= this.#askAt) this.#ask(now, unixSeconds)
    this.#expectAnswer(now)
    if (!this.#isWanted && this.#pending.length === 0) this.#rest()
  }

  get #isWanted(): boolean {
    return this.#isPublishing || this.#isWatching
  }

  /** Nothing is wanted any more. */
  #rest(): void {
    this.#reset()
    this.#connection.leave()
  }

  #onGreeted(now: number): void {
    this.#greetedAt = now
    this.#tellAndAsk(now)
  }

  #tellAndAsk(now: number): void {
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
      this.#connection.transmit(encodeGet(topic, this.#connection.prove))
    })
    this.#askedAt = now
    this.#askAt = now + (FIRST_PAUSES[this.#asks++] ?? ASK_INTERVAL)
  }

  #put({ topic, token, blob }: RecordToPut, ttl: number): void {
    this.#pending.push({ isLast: false })
    this.#connection.transmit(encodePut({ topic, token, ttl, blob }, this.#connection.prove))
  }

  #expectAnswer(now: number): void {
    if (this.#pending.length > 0 && this.#answerBy === Number.POSITIVE_INFINITY) this.#answerBy = now + ANSWER_WITHIN
  }

  #answered(message: RegistryMessage, now: number): void {
    const pending = this.#pending.peek()
    if (message.type === 'no' && (message.reason !== 'full' || !pending || pending.topic))
      return this.#refused(message, now)
    if (!pending) return this.#connection.giveUp('it answers what it was not asked', now)
    const { topic, entries } = pending
    if (topic && message.type === 'records') {
      for (const { slot, blob } of message.entries) entries.push({ slot: slot.slice(), blob: blob.slice() })
      if (entries.length > MOST_ENTRIES) return this.#connection.giveUp('it has more records than a topic holds', now)
      if (message.more) return
    } else if (topic || (message.type !== 'stored' && message.type !== 'no')) {
      return this.#connection.giveUp('it answers another thing than it was asked', now)
    }
    this.#pending.shift()
    this.#answerBy = this.#pending.length > 0 ? now + ANSWER_WITHIN : Number.POSITIVE_INFINITY
    if (message.type === 'no') this.#connection.event({ type: 'refused', no: message })
    else if (message.type === 'stored') this.#connection.event({ type: 'published' })
    else {
      this.#connection.event({ type: 'found', topic: topic!, entries: entries! })
      if (pending.isLast) this.#connection.event({ type: 'asked' })
    }
  }

  // spec: STT-REG-13
  #refused(no: No, now: number): void {
    this.#connection.event({ type: 'refused', no })
    this.#connection.giveUp(`it said no: ${no.reason}`, now, Math.min(no.retryAfter, LONGEST_WAIT))
  }

  #onLost(now: number): number | undefined {
    // One that ends as soon as it is open has not worked.
    if (now - this.#greetedAt >= STABLE_AFTER) this.#connection.redial.reset()
    this.#reset()
    return this.#isWanted ? 0 : undefined
  }

  #reset(): void {
    this.#greetedAt = this.#answerBy = Number.POSITIVE_INFINITY
    // What was asked over a connection that is gone is asked again.
    this.#pending.clear()
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
