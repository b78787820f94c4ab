import type { Entropy } from '@stt/crypto'
import { Fifo, type Output } from '@stt/frame'
import { type ConnectionEvent, ServerConnection } from '../client/server-connection.ts'
import type { No } from '../messages/message.ts'
import { hoursAt, untilHoursChange } from '../names.ts'
import { decodeRegistryMessage } from './decode.ts'
import { encodeGet, encodePut } from './encode.ts'
import type { RegistryEntry, RegistryMessage } from './message.ts'

/** A sealed record to publish in one topic. */
export interface RecordToPut {
  /** Name of the topic, 32 bytes. */
  readonly topic: Uint8Array
  /** `Identity.slotToken(topic)`, 16 bytes. */
  readonly token: Uint8Array
  /** The sealed record. */
  readonly blob: Uint8Array
}

/** Options of a `RegistryClient`. */
export interface RegistryClientOptions {
  /** URL of the relay that has the registry. */
  readonly url: string
  /** `access` of the seed's rendezvous keys. Used only if the registry asks for a proof. */
  readonly access: Uint8Array
  /** Makes the node's records for the topics of these hours, sealed anew at each call. */
  readonly records: (hours: readonly [number, number]) => readonly RecordToPut[]
  /** The names of the topics of these hours. */
  readonly topics: (hours: readonly [number, number]) => readonly Uint8Array[]
  /** Random bytes, to vary pauses. */
  readonly entropy: Entropy
}

/** An event of a `RegistryClient`. */
export type RegistryClientEvent =
  | ConnectionEvent
  /** The records of a topic. */
  | { readonly type: 'found'; readonly topic: Uint8Array; readonly entries: readonly RegistryEntry[] }
  /** All topics were answered: a node that was in none of them is not there. */
  | { readonly type: 'asked' }
  /** The registry has stored a record. */
  | { readonly type: 'published' }
  /** The registry refused a request. */
  | { readonly type: 'refused'; readonly no: No }

/**
 * Publishes a node's records at one registry and asks it for the records of others, as long as either is wanted. It is connected
 * only while it needs to be. Has no socket and no clock.
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
  /** Requests without an answer, oldest first. */
  readonly #pending = new Fifo<Pending>()
  #answerBy = Number.POSITIVE_INFINITY
  /** The records that the registry has, to be removed again. */
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

  /** Publishes the records from now on; call it again when they have changed. */
  publish(now: number): void {
    this.#isPublishing = true
    this.#publishAt = Math.max(now, this.#publishedAt + FIRST_PAUSES[0]!)
    this.#connection.wake(now)
  }

  /** Removes the published records and publishes no more. */
  withdraw(): void {
    this.#isPublishing = false
    this.#publishAt = Number.POSITIVE_INFINITY
    if (this.#connection.isOpen) {
      for (const { topic, token } of this.#published) this.#put({ topic, token, blob: NOTHING }, 0)
    }
    this.#published = []
  }

  /** Asks for the records of others: at once, soon again, then every 20 s. */
  // spec: STT-REG-12
  watch(now: number): void {
    this.#isWatching = true
    this.#asks = 0
    // A program may call this as often as it likes.
    this.#askAt = Math.max(now, this.#askedAt + FIRST_PAUSES[0]!)
    this.#connection.wake(now)
  }

  /** Stops asking. */
  unwatch(): void {
    this.#isWatching = false
    this.#askAt = Number.POSITIVE_INFINITY
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

  /** The machine woke up or changed its network: dials at once, or tests an open connection. */
  networkChanged(now: number): void {
    if (this.#connection.isOpen) this.#tellAndAsk(now)
    else this.#connection.hurry(now)
  }

  /** Removes the published records and ends the connection. */
  stop(): void {
    this.withdraw()
    this.unwatch()
    this.#connection.stop()
  }

  /**
   * The next thing to do. Call it until it answers a timeout.
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

  /** Ends the connection, since neither publishing nor watching needs it. */
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
    // A connection that ends soon after it opened counts as a failure.
    if (now - this.#greetedAt >= STABLE_AFTER) this.#connection.redial.reset()
    this.#reset()
    return this.#isWanted ? 0 : undefined
  }

  #reset(): void {
    this.#greetedAt = this.#answerBy = Number.POSITIVE_INFINITY
    // Requests of the lost connection are made again.
    this.#pending.clear()
  }
}

/** A request that waits for its answer: a GET if it has a topic, otherwise a PUT. */
type Pending =
  | { readonly topic?: undefined; readonly entries?: undefined; readonly isLast: boolean }
  | { readonly topic: Uint8Array; readonly entries: RegistryEntry[]; readonly isLast: boolean }

const NOTHING = new Uint8Array(0)

/** Seconds for which the registry keeps a record. */
const TTL = 150
/** Milliseconds. */
const PUBLISH_INTERVAL = 60_000
/** Short at first, because a program may wait for the answer. */
const FIRST_PAUSES: readonly number[] = [1_000, 2_000, 3_000, 3_000]
const ASK_INTERVAL = 20_000
const STABLE_AFTER = 10_000
const ANSWER_WITHIN = 10_000
/** The longest pause that a registry can ask for. */
const LONGEST_WAIT = 600_000
/** Two seeds, two hours each. */
const MOST_TOPICS = 4
const MOST_ENTRIES = 64
