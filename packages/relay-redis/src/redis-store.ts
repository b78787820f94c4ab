import { checkInteger, checkOptions, checkType, SttError } from '@stt/errors'
import {
  type Presence,
  type RelayStore,
  type Share,
  STORE_SIZES,
  type StoredMember,
  type StoredRecord,
  type StoreWatcher,
} from '@stt/relay'
import { type Argument, RedisConnection } from './redis-connection.ts'
import { malformedAnswer, redisProblem } from './redis-problem.ts'
import { parseRedisUrl } from './redis-url.ts'
import { COUNT, MEMBERS, MOST_PRESENCE, MOST_RECORD, PRESENCE, RECORD } from './scripts.ts'

export interface OpenRedisStoreOptions {
  /** What all keys and channels begin with: relays with another one share nothing with these. Default `stt:`. */
  readonly prefix?: string
  /** Milliseconds in which Redis has to answer. Default 2,500: a client of a relay waits for three seconds at most. */
  readonly timeout?: number
}

export interface RedisStatistics {
  /** Calls so far, and those that failed. */
  readonly calls: number
  readonly failures: number
  /** Connections that were opened so far. */
  readonly connections: number
}

/** What the instances of a relay share, in one Redis of version 7 or later. All that is kept there ends by itself within 300 s. */
export interface RedisRelayStore extends RelayStore {
  /** What is wrong, if anything, and what to do. */
  readonly problem: SttError | undefined
  getStatistics(): RedisStatistics
  /** Ends the connection. What is kept ends by itself. */
  close(): void
  [Symbol.dispose](): void
}

/**
 * Opens a store in a Redis. It is open even where that cannot be reached now: calls are refused until it can, and relays go on
 * without it.
 *
 * Rejects with `STT_INVALID_ARGUMENT`. What goes wrong later is an SttError `STT_RELAY_STORE`; in none is a user or a password.
 *
 * @param url `redis://127.0.0.1:6379`, or `rediss://user:password@host:port/database`
 */
export async function openRedisStore(url: string, options: OpenRedisStoreOptions = {}): Promise<RedisRelayStore> {
  const place = parseRedisUrl(url)
  checkOptions(options, 'openRedisStore', ['prefix', 'timeout'])
  const { prefix = 'stt:', timeout = 2_500 } = options
  checkType(prefix, 'prefix', 'string')
  if (!/^[!-~]{0,64}$/.test(prefix)) throw new SttError('STT_INVALID_ARGUMENT', 'prefix has at most 64 printable characters of ASCII, and no space') // biome-ignore format: one line
  checkInteger(timeout, 'timeout', 10, 60_000)
  const store = new Store(place, prefix, timeout)
  await store.tried
  return store
}

class Store implements RedisRelayStore {
  readonly #prefix: string
  readonly #name: string
  readonly #connection: RedisConnection
  readonly #watchers = new Map<string, Set<StoreWatcher>>()
  readonly #scripts = new Map<string, string>()
  readonly #counts = { calls: 0, failures: 0, connections: 0 }
  /** What calls that change something are refused with, though there is an answer: it is full, or read-only. */
  #refusal: SttError | undefined
  #told: string | undefined
  #probe: NodeJS.Timeout | undefined

  constructor(place: ReturnType<typeof parseRedisUrl>, prefix: string, timeout: number) {
    this.#prefix = prefix
    this.#name = place.name
    this.#connection = new RedisConnection({
      place,
      timeout,
      onOpen: run => this.#onOpen(run),
      onState: problem => this.#onState(problem),
    })
  }

  get tried(): Promise<void> {
    return this.#connection.tried
  }

  get problem(): SttError | undefined {
    return this.#connection.problem ?? this.#refusal
  }

  getStatistics(): RedisStatistics {
    return { ...this.#counts }
  }

  async put(entry: Presence | StoredRecord): Promise<readonly boolean[]> {
    return entry.type === 'presence' ? this.#putPresence(entry) : [await this.#putRecord(entry)]
  }

  async get(mailboxes: readonly Uint8Array[]): Promise<string | undefined> {
    let wrong: SttError | undefined
    for (const value of await Promise.all(mailboxes.map(each => this.#valueOf(each)))) {
      if (value instanceof SttError) wrong ??= value
      // A shorter one keeps the name for its owner, or is no relay's.
      else if (value && value.length > STORE_SIZES.owner) return value.toString('latin1', STORE_SIZES.owner)
    }
    if (wrong) throw wrong
    return undefined
  }

  async members(topic: Uint8Array): Promise<readonly StoredMember[]> {
    const found = await this.#script(MEMBERS, [this.#key('t:', topic)], [this.#key('r:', topic)])
    if (!Array.isArray(found) || found.length > 2 * STORE_SIZES.members) throw this.#malformed('a topic')
    const members: StoredMember[] = []
    for (let i = 0; i + 1 < found.length; i += 2) {
      const slot = this.#bytes(found[i], STORE_SIZES.slot)
      const value = this.#bytes(found[i + 1], MOST_RECORD)
      const blob = value?.subarray(1 + (value[0] ?? 0))
      if (slot?.length !== STORE_SIZES.slot || !blob || !STORE_SIZES.blobs.includes(blob.length)) continue
      members.push({ slot: new Uint8Array(slot), blob: new Uint8Array(blob) })
    }
    return members
  }

  async count({ kind, address, member, seconds, most }: Share): Promise<number> {
    const key = this.#key(kind === 'listeners' ? 'l:' : 'c:', Buffer.from(address))
    const counted = await this.#write(COUNT, [key], [toBuffer(member), String(seconds), String(most)])
    if (seconds > 0 && Number(counted) <= most) this.#refused(undefined)
    if (typeof counted === 'number' && Number.isSafeInteger(counted) && counted >= 0) return counted
    throw this.#malformed('shares')
  }

  watch(instance: string, watcher: StoreWatcher): () => void {
    const channel = this.#channel(instance)
    const watchers = this.#watchers.get(channel) ?? new Set()
    this.#watchers.set(channel, watchers.add(watcher))
    const onState = (): void => watcher.onState(this.problem)
    if (watchers.size > 1 || this.#connection.problem) onState()
    // Subscribing fails where the connection ends, and is done again with the next one.
    else this.#subscribe(channel).then(onState, onState)
    return () => {
      watchers.delete(watcher)
      if (watchers.size > 0) return
      this.#watchers.delete(channel)
      // A connection that ends has no subscriptions either.
      this.#connection.unsubscribe(channel).catch(() => {})
    }
  }

  close(): void {
    this.#stopProbing()
    this.#connection.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** What stands under a name, or the error that it is of another type than a relay writes. */
  async #valueOf(mailbox: Uint8Array): Promise<Buffer | SttError | undefined> {
    try {
      const value = await this.#call(['GETRANGE', this.#key('m:', mailbox), '0', String(MOST_PRESENCE)])
      return this.#bytes(value, MOST_PRESENCE)
    } catch (error) {
      if (error instanceof SttError && error.details['reason'] === 'WRONGTYPE') return error
      throw error
    }
  }

  async #putPresence({ names, instance, isHere, seconds }: Presence): Promise<readonly boolean[]> {
    const keys = names.map(({ mailbox }) => this.#key('m:', mailbox))
    const args = [this.#channel(''), instance, String(seconds), isHere ? '1' : '0']
    const kept = await this.#write(PRESENCE, keys, [...args, ...names.map(({ owner }) => toBuffer(owner))])
    if (Array.isArray(kept) && kept.length === names.length) {
      if (isHere && kept.includes(1)) this.#refused(undefined)
      return kept.map(each => each === 1)
    }
    throw this.#malformed('names')
  }

  async #putRecord({ topic, slot, blob, seconds, address = '', most, isAgain }: StoredRecord): Promise<boolean> {
    const [records, shares] = [this.#key('r:', topic), this.#key('a:')]
    const keys = [this.#key('t:', topic), Buffer.concat([records, slot])]
    const args = [toBuffer(slot), String(seconds), toBuffer(blob), address, String(most), isAgain ? '1' : '0']
    const isKept = (await this.#write(RECORD, keys, [...args, records, shares])) === 1
    if (isKept && seconds > 0 && !isAgain) this.#refused(undefined)
    return isKept
  }

  /**
   * A call that may change something: what it is refused with is how things are until one has changed something. What only
   * takes out is no such thing: a Redis that is full, or a replica where there is nothing to take out, has nothing against it.
   */
  async #write(script: string, keys: readonly Buffer[], args: readonly Argument[]): Promise<unknown> {
    try {
      return await this.#script(script, keys, args)
    } catch (error) {
      const problem = redisProblem(this.#name, error)
      if (!this.#connection.problem && LASTING.has(String(problem.details['reason']))) this.#refused(problem)
      throw error
    }
  }

  async #script(script: string, keys: readonly Buffer[], args: readonly Argument[]): Promise<unknown> {
    const known = this.#scripts.get(script)
    const rest = [String(keys.length), ...keys, ...args]
    if (known === undefined) return this.#call(['EVAL', script, ...rest])
    try {
      return await this.#call(['EVALSHA', known, ...rest])
    } catch (error) {
      // Somebody took its scripts away (SCRIPT FLUSH): with the text it keeps them again.
      if (error instanceof SttError && error.details['reason'] === 'NOSCRIPT')
        return this.#call(['EVAL', script, ...rest])
      throw error
    }
  }

  async #call(args: readonly Argument[]): Promise<unknown> {
    this.#counts.calls++
    try {
      return await this.#connection.run(args)
    } catch (error) {
      this.#counts.failures++
      throw error
    }
  }

  async #onOpen(run: RedisConnection['run']): Promise<void> {
    this.#counts.connections++
    this.#scripts.clear()
    for (const script of [PRESENCE, RECORD, MEMBERS, COUNT]) {
      const name = await run(['SCRIPT', 'LOAD', script])
      this.#scripts.set(script, String(name))
    }
    await Promise.all([...this.#watchers.keys()].map(channel => this.#subscribe(channel)))
  }

  #subscribe(channel: string): Promise<void> {
    return this.#connection.subscribe(channel, message => this.#onMessage(channel, message))
  }

  /** Anybody who reaches the Redis can write to a channel. */
  #onMessage(channel: string, message: Buffer): void {
    const type = message.length === 1 + STORE_SIZES.mailbox ? NEWS[message[0]!] : undefined
    if (!type) return
    const mailbox = new Uint8Array(message.subarray(1))
    for (const watcher of this.#watchers.get(channel) ?? []) watcher.onNews({ type, mailbox })
  }

  #refused(problem: SttError | undefined): void {
    this.#refusal = problem
    if (problem) this.#probe ??= setInterval(() => void this.#tryAgain(), PROBE_INTERVAL).unref()
    else this.#stopProbing()
    this.#tell()
  }

  /** An instance at which nothing happens has to notice too that its Redis takes writes again. */
  async #tryAgain(): Promise<void> {
    try {
      await this.#call(['SET', this.#key('p'), '', 'EX', '10'])
      this.#refused(undefined)
    } catch (error) {
      const problem = redisProblem(this.#name, error)
      if (this.#refusal) this.#refused(problem)
    }
  }

  #stopProbing(): void {
    clearInterval(this.#probe)
    this.#probe = undefined
  }

  #onState(problem: SttError | undefined): void {
    if (problem) {
      this.#refusal = undefined
      this.#stopProbing()
    }
    this.#tell()
  }

  /** Tells what has changed, and only that. */
  #tell(): void {
    const { problem } = this
    if (problem?.message === this.#told) return
    this.#told = problem?.message
    for (const watchers of this.#watchers.values()) for (const each of watchers) each.onState(problem)
  }

  #key(kind: string, ...parts: readonly Uint8Array[]): Buffer {
    return Buffer.concat([Buffer.from(this.#prefix + kind), ...parts])
  }

  #channel(instance: string): string {
    return `${this.#prefix}i:${instance}`
  }

  /** Bytes of at most this length; undefined for what is none. */
  #bytes(value: unknown, most: number): Buffer | undefined {
    return Buffer.isBuffer(value) && value.length <= most ? value : undefined
  }

  #malformed(what: string): SttError {
    return malformedAnswer(this.#name, what)
  }
}

const toBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)

const NEWS: Readonly<Record<number, 'contested' | 'moved'>> = { 99: 'contested', 109: 'moved' }

/** What a Redis refuses changes with until somebody has changed it: the first words of its errors. */
const LASTING: ReadonlySet<string> = new Set([
  'READONLY',
  'OOM',
  'MISCONF',
  'NOPERM',
  'NOREPLICAS',
  'MASTERDOWN',
  'LOADING',
])
/** Milliseconds. */
const PROBE_INTERVAL = 1_000
