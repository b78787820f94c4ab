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

/** Options of `openRedisStore`. */
export interface OpenRedisStoreOptions {
  /**
   * Beginning of all keys and channels, at most 64 printable characters. Relays with different prefixes share nothing. Default
   * `stt:`.
   */
  readonly prefix?: string
  /** Milliseconds in which Redis has to answer, 10 to 60,000. Default 2,500: a relay's client waits for three seconds at most. */
  readonly timeout?: number
}

/** Statistics of a store in Redis. */
export interface RedisStatistics {
  /** Commands to Redis so far. */
  readonly calls: number
  /** Commands that failed. */
  readonly failures: number
  /** Connections opened so far. */
  readonly connections: number
}

/** A store of the instances of a relay, in one Redis of version 7 or later. Every key expires within 300 s. */
export interface RedisRelayStore extends RelayStore {
  /** An error that says why the store does not work and what to do; undefined while it works. */
  readonly problem: SttError | undefined
  /** Counts since the store was opened. */
  getStatistics(): RedisStatistics
  /** Ends the connection. The keys expire by themselves. */
  close(): void
  /** `close()`. */
  [Symbol.dispose](): void
}

/**
 * Opens a store in a Redis. This also resolves if Redis cannot be reached now: calls reject until it can, and relays go on without
 * it.
 *
 * Rejects with `STT_INVALID_ARGUMENT`. Later calls reject with an SttError `STT_RELAY_STORE`. No error contains a user or password.
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
  /** The error with which Redis answers calls that change something, such as that it is full or read-only. */
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
      // A shorter value reserves the name for its owner, or was not written by a relay.
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
    // If the connection ends meanwhile, the next one subscribes again.
    else this.#subscribe(channel).then(onState, onState)
    return () => {
      watchers.delete(watcher)
      if (watchers.size > 0) return
      this.#watchers.delete(channel)
      // This fails only if the connection ends, and the subscription with it.
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

  /** The value of a name, or the error that it is of another type than a relay writes. */
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
   * Runs a script that may change something. An error such as "full" stands as the store's problem until another script has changed
   * something. A script that only removes does not clear the problem: a full Redis, or a replica with nothing to remove, takes it.
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
      // The scripts were removed (SCRIPT FLUSH): Redis keeps them again once it gets their text.
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

  /** Takes only messages of the right form: every client of the Redis can write to a channel. */
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

  /** Writes a key, so that an idle instance notices too when its Redis takes writes again. */
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

  /** Calls the watchers if the problem has changed. */
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

  /** The value if it is bytes of at most this length, else undefined. */
  #bytes(value: unknown, most: number): Buffer | undefined {
    return Buffer.isBuffer(value) && value.length <= most ? value : undefined
  }

  #malformed(what: string): SttError {
    return malformedAnswer(this.#name, what)
  }
}

const toBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)

const NEWS: Readonly<Record<number, 'contested' | 'moved'>> = { 99: 'contested', 109: 'moved' }

/** First words of the errors with which Redis refuses changes until an operator has changed something. */
const LASTING: ReadonlySet<string> = new Set([
  'READONLY',
  'OOM',
  'MISCONF',
  'NOPERM',
  'NOREPLICAS',
  'MASTERDOWN',
  'LOADING',
])
/** Milliseconds between two attempts to write. */
const PROBE_INTERVAL = 1_000
