import { performance } from 'node:perf_hooks'
import { type RecordLimits, Topics } from '@stt/rendezvous/server'
import type { Presence, RelayStore, Share, StoredMember, StoredRecord, StoreWatcher } from './relay-store.ts'

/** Options of `MemoryRelayStore`. */
export interface MemoryRelayStoreOptions {
  /** Gives the time in milliseconds, which never goes back. Default `performance.now`. */
  readonly now?: () => number
}

/** A store for several relays in one process: for tests, and as the reference for other stores. */
export class MemoryRelayStore implements RelayStore {
  readonly #now: () => number
  readonly #names = new Map<string, Kept & { owner: string; instance: string }>()
  readonly #topics = new Topics()
  readonly #shares = new Map<string, Map<string, Kept>>()
  readonly #watchers = new Map<string, Set<StoreWatcher>>()
  #sweepAt = 0

  constructor({ now = () => performance.now() }: MemoryRelayStoreOptions = {}) {
    this.#now = now
  }

  /** Number of names, records and shares together. */
  get size(): number {
    this.#sweep(this.#now())
    return this.#names.size + this.#topics.size + [...this.#shares.values()].reduce((sum, each) => sum + each.size, 0)
  }

  /** See `RelayStore.put`. */
  async put(entry: Presence | StoredRecord): Promise<readonly boolean[]> {
    const now = this.#now()
    if (now >= this.#sweepAt) this.#sweep(now)
    return entry.type === 'presence' ? this.#putPresence(entry, now) : [this.#putRecord(entry, now)]
  }

  /** See `RelayStore.get`. */
  async get(mailboxes: readonly Uint8Array[]): Promise<string | undefined> {
    const now = this.#now()
    for (const mailbox of mailboxes) {
      const found = this.#names.get(hex(mailbox))
      if (found && found.until > now && found.instance !== '') return found.instance
    }
    return undefined
  }

  /** See `RelayStore.members`. */
  async members(topic: Uint8Array): Promise<readonly StoredMember[]> {
    this.#topics.onTime(this.#now())
    return this.#topics.entries(topic).map(({ slot, blob }) => ({ slot, blob }))
  }

  /** See `RelayStore.count`. */
  async count({ kind, address, member, seconds, most }: Share): Promise<number> {
    const now = this.#now()
    const key = `${kind} ${address}`
    const held = this.#shares.get(key) ?? new Map<string, Kept>()
    for (const [each, { until }] of held) if (until <= now) held.delete(each)
    const name = hex(member)
    if (seconds === 0) held.delete(name)
    else if (!held.has(name) && held.size >= most) return held.size + 1
    else held.set(name, { until: now + seconds * 1_000 })
    if (held.size > 0) this.#shares.set(key, held)
    else this.#shares.delete(key)
    return held.size
  }

  /** See `RelayStore.watch`. The store always works. */
  watch(instance: string, watcher: StoreWatcher): () => void {
    const watchers = this.#watchers.get(instance) ?? new Set()
    this.#watchers.set(instance, watchers.add(watcher))
    watcher.onState(undefined)
    return () => {
      watchers.delete(watcher)
      if (watchers.size === 0) this.#watchers.delete(instance)
    }
  }

  #putPresence({ names, instance, isHere, seconds }: Presence, now: number): boolean[] {
    return names.map(({ mailbox, owner }) => {
      const name = hex(mailbox)
      const mine = hex(owner)
      const found = this.#names.get(name)
      const held = found && found.until > now ? found : undefined
      if (held && held.owner !== mine) {
        if (isHere) this.#tell(held.instance, instance, 'contested', mailbox)
        return false
      }
      const until = now + seconds * 1_000
      if (isHere) {
        this.#names.set(name, { owner: mine, instance, until })
        if (held) this.#tell(held.instance, instance, 'moved', mailbox)
      } else if (held?.instance === instance) this.#names.set(name, { owner: mine, instance: '', until })
      return true
    })
  }

  #putRecord({ topic, slot, blob, seconds, address, most, isAgain }: StoredRecord, now: number): boolean {
    this.#topics.onTime(now)
    if (isAgain && this.#topics.has(topic, slot)) return true
    const limits: RecordLimits = { records: Number.POSITIVE_INFINITY, recordsPerAddress: most }
    return this.#topics.put({ topic, slot, blob, ttl: seconds }, address, limits, now)
  }

  #tell(instance: string, by: string, type: 'contested' | 'moved', mailbox: Uint8Array): void {
    if (instance === by) return
    for (const watcher of this.#watchers.get(instance) ?? []) watcher.onNews({ type, mailbox: mailbox.slice() })
  }

  #sweep(now: number): void {
    this.#sweepAt = now + SWEEP_INTERVAL
    this.#topics.onTime(now)
    for (const [name, { until }] of this.#names) if (until <= now) this.#names.delete(name)
    for (const [key, held] of this.#shares) {
      for (const [member, { until }] of held) if (until <= now) held.delete(member)
      if (held.size === 0) this.#shares.delete(key)
    }
  }
}

interface Kept {
  readonly until: number
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')

/** Milliseconds. */
const SWEEP_INTERVAL = 30_000
