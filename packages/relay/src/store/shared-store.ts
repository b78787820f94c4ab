import { performance } from 'node:perf_hooks'
import { relayAuthority } from '@stt/rendezvous'
import type { OwnedName, SharedRecord } from '@stt/rendezvous/server'
import { type RelayStore, type Share, STORE_SIZES, type StoredMember } from './relay-store.ts'

export interface SharedStoreOptions {
  readonly store: RelayStore
  readonly instance: string
  /** Records that an address may have at all instances together. */
  readonly recordsPerAddress: number
  readonly log: (line: string) => void
  /** Called with news from another instance about a name of this one. */
  readonly onNews: (type: 'contested' | 'moved', mailbox: Uint8Array) => void
  /** Called when the store works again, and may have forgotten everything. */
  readonly onBack: () => void
}

/** Statistics of a relay's calls to its store. */
export interface SharedStoreStatistics {
  /** Whether the store works. */
  readonly isUp: boolean
  /** Calls so far. */
  readonly calls: number
  /** Calls that failed or took longer than 2.7 s. */
  readonly failures: number
  /** Answers that the relay ignored because no relay could have written them. */
  readonly malformed: number
}

// spec: STT-RLY-39
/**
 * A relay's side of a store. No call rejects or takes longer than 2.7 s, and malformed answers are ignored. Without an answer the
 * relay goes on as if it were alone.
 */
export class SharedStore {
  readonly #options: SharedStoreOptions
  readonly #unwatch: () => void
  readonly #counts = { calls: 0, failures: 0, malformed: 0 }
  readonly #pending = new Set<Promise<unknown>>()
  #problem: Error | undefined
  #sayAt = 0
  #isClosed = false

  constructor(options: SharedStoreOptions) {
    this.#options = options
    this.#unwatch = options.store.watch(options.instance, {
      onNews: ({ type, mailbox }) => {
        if (!this.#isClosed && mailbox instanceof Uint8Array) options.onNews(type, mailbox)
      },
      onState: problem => this.#onState(problem),
    })
  }

  get isUp(): boolean {
    return this.#problem === undefined
  }

  getStatistics(): SharedStoreStatistics {
    return { isUp: this.isUp, ...this.#counts }
  }

  /** @returns for each name whether it is this node's; true if the store does not answer */
  async listens(names: readonly OwnedName[]): Promise<readonly boolean[]> {
    const { store, instance } = this.#options
    const put = { type: 'presence', names, instance, isHere: true, seconds: LISTEN_LASTS } as const
    const kept = await this.#ask(() => store.put(put), isListOfBooleans(names.length))
    return kept ?? names.map(() => true)
  }

  left(names: readonly OwnedName[]): void {
    const { store, instance } = this.#options
    if (names.length === 0) return
    const put = { type: 'presence', names, instance, isHere: false, seconds: RESERVED_FOR } as const
    void this.#ask(() => store.put(put), isListOfBooleans(names.length))
  }

  /** @returns the URL of the instance that has one of these names, or undefined */
  async seek(mailboxes: readonly Uint8Array[]): Promise<string | undefined> {
    return this.#ask(() => this.#options.store.get(mailboxes), isUrl)
  }

  /** @returns whether there is room for the record; true if the store does not answer */
  async keep({ topic, slot, blob, ttl, address }: SharedRecord, isAgain = false): Promise<boolean> {
    const { store, recordsPerAddress } = this.#options
    const record = {
      type: 'record',
      topic,
      slot,
      blob,
      seconds: ttl,
      address,
      most: recordsPerAddress,
      isAgain,
    } as const
    const kept = await this.#ask(() => store.put(record), isListOfBooleans(1))
    return kept?.[0] ?? true
  }

  async members(topic: Uint8Array): Promise<readonly StoredMember[] | undefined> {
    return this.#ask(() => this.#options.store.members(topic), areMembers)
  }

  /** @returns whether the address may have this share too; true if the store does not answer */
  async count(share: Share): Promise<boolean> {
    const counted = await this.#ask(() => this.#options.store.count(share), Number.isSafeInteger)
    return counted === undefined || counted <= share.most
  }

  /** Waits for the calls under way, for 2.7 s at most, and ignores all news from now on. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#unwatch()
    await Promise.all(this.#pending)
  }

  async #ask<T>(call: () => Promise<T>, isOne: (answer: T) => boolean): Promise<T | undefined> {
    // A store that does not answer gets no more questions than these.
    if (this.#pending.size >= MOST_PENDING) {
      this.#counts.failures++
      return undefined
    }
    this.#counts.calls++
    const answer = this.#answerTo(call)
    this.#pending.add(answer)
    const found = await answer
    this.#pending.delete(answer)
    if (!found) return undefined
    if (isOne(found.value)) return found.value
    this.#counts.malformed++
    return undefined
  }

  async #answerTo<T>(call: () => Promise<T>): Promise<{ readonly value: T } | undefined> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`it did not answer within ${ANSWER_WITHIN} ms`)), ANSWER_WITHIN) // biome-ignore format: one line
    })
    try {
      return { value: await Promise.race([call(), late]) }
    } catch (error) {
      this.#counts.failures++
      this.#onFailure(error)
      return undefined
    } finally {
      clearTimeout(timer)
    }
  }

  #onState(problem: Error | undefined): void {
    if (this.#isClosed) return
    const before = this.#problem
    this.#problem = problem
    if (problem) {
      if (problem.message !== before?.message) this.#say(problem)
    } else if (before) {
      this.#options.log('the common store of the instances works again')
      this.#options.onBack()
    }
  }

  /** Logs a failure at most once in a minute, and none while the store itself says that it does not work. */
  #onFailure(error: unknown): void {
    const now = performance.now()
    if (this.#problem || now < this.#sayAt) return
    this.#sayAt = now + SAY_PAUSE
    this.#say(error)
  }

  #say(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error)
    this.#options.log(
      `the common store of the instances does not work: ${why}. Circuits go on, and this instance finds its own listeners`,
    )
  }
}

const isListOfBooleans =
  (length: number) =>
  (answer: unknown): boolean =>
    Array.isArray(answer) && answer.length === length && answer.every(each => typeof each === 'boolean')

/** Whether an answer is undefined or the URL of a relay. The client checks where the URL leads. */
// spec: STT-RLY-36
function isUrl(answer: unknown): boolean {
  if (answer === undefined) return true
  if (typeof answer !== 'string' || answer.length > STORE_SIZES.url || !/^[!-~]+$/.test(answer)) return false
  try {
    return relayAuthority(answer) !== ''
  } catch {
    return false
  }
}

/** Whether an answer is a list of records with different slots, no longer than a client takes. */
// spec: STT-REG-9
function areMembers(answer: unknown): boolean {
  if (!Array.isArray(answer) || answer.length > STORE_SIZES.members) return false
  const slots = new Set<string>()
  return answer.every(({ slot, blob }: StoredMember) => {
    const isOne = slot instanceof Uint8Array && slot.length === STORE_SIZES.slot && blob instanceof Uint8Array
    if (!isOne || !STORE_SIZES.blobs.includes(blob.length)) return false
    return slots.size < slots.add(String(slot)).size
  })
}

/** Seconds: a listener says that it is there each 60 s, and a name stays its owner's for 30 s. */
const LISTEN_LASTS = 90
const RESERVED_FOR = 30
/** Milliseconds. After a change of its network a client waits for its PONG for 3 s. */
const ANSWER_WITHIN = 2_700
const SAY_PAUSE = 60_000
const MOST_PENDING = 10_000
