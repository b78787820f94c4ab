import { fromHex, toHex } from '@stt/crypto'
import { MAX_SLOTS, type RegistryEntry } from '../registry/message.ts'

/** A record on its way into a slot. */
export interface RecordForSlot extends RegistryEntry {
  readonly topic: Uint8Array
  /** Seconds; 0 takes out what the slot has. */
  readonly ttl: number
}

export interface RecordLimits {
  /** Records in all, and of one address. */
  readonly records: number
  readonly recordsPerAddress: number
}

/**
 * Records by topic and slot, each for a time. A slot is the digest of a token that only its node can compute, so nobody writes
 * into another's; and where a topic is full, whoever has many of its slots gives way to who has few.
 */
export class Topics {
  readonly #topics = new Map<string, Map<string, Kept>>()
  /** By the second in which they end: at most 301 of these, as nothing is kept for longer. */
  readonly #ending = new Map<number, Set<Kept>>()
  readonly #perAddress = new Map<string, number>()
  #size = 0
  /** Records that gave way. */
  displaced = 0

  /** Records that are kept. */
  get size(): number {
    return this.#size
  }

  get topics(): number {
    return this.#topics.size
  }

  /** When the next record ends; `Infinity` where there is none. */
  get deadline(): number {
    let first = Number.POSITIVE_INFINITY
    for (const second of this.#ending.keys()) if (second < first) first = second
    return first * 1_000
  }

  /**
   * Keeps a record, in place of what its slot had; with a ttl of 0 takes that out.
   *
   * @param address what its limits are counted by; undefined: many share it
   * @returns whether there was room
   */
  // spec: STT-REG-5 STT-REG-8 STT-REG-9
  put(
    { topic, slot, ttl, blob }: RecordForSlot,
    address: string | undefined,
    limits: RecordLimits,
    now: number,
  ): boolean {
    const [topicKey, slotKey] = [toHex(topic), toHex(slot)]
    const before = this.#topics.get(topicKey)?.get(slotKey)
    if (ttl === 0) {
      if (before) this.#remove(before)
      return true
    }
    if (!before && !this.#makeRoom(topicKey, address, limits)) return false
    // Whoever refreshes it has it: an address that it had before does not count it any more.
    if (before) this.#remove(before)
    const second = Math.ceil(now / 1_000) + ttl
    this.#add({ topicKey, slotKey, slot: slot.slice(), blob: blob.slice(), address, second })
    return true
  }

  /** Whether the slot has a record. */
  has(topic: Uint8Array, slot: Uint8Array): boolean {
    return this.#topics.get(toHex(topic))?.has(toHex(slot)) ?? false
  }

  /** All that is kept, with what is left of its time. */
  *records(now: number): Generator<RecordForSlot & { readonly address: string | undefined }, void, undefined> {
    for (const [topicKey, slots] of this.#topics) {
      const topic = fromHex(topicKey)!
      for (const { slot, blob, address, second } of slots.values()) {
        const ttl = Math.floor(second - now / 1_000)
        if (ttl > 0) yield { topic, slot, blob, ttl, address }
      }
    }
  }

  entries(topic: Uint8Array): readonly RegistryEntry[] {
    return [...(this.#topics.get(toHex(topic))?.values() ?? [])]
  }

  // spec: STT-REG-8
  onTime(now: number): void {
    if (now < this.deadline) return
    for (const [second, kept] of [...this.#ending])
      if (second * 1_000 <= now) for (const each of [...kept]) this.#remove(each)
  }

  #makeRoom(topicKey: string, address: string | undefined, { records, recordsPerAddress }: RecordLimits): boolean {
    if (address !== undefined && (this.#perAddress.get(address) ?? 0) >= recordsPerAddress) return false
    const topic = this.#topics.get(topicKey)
    if (topic && topic.size >= MAX_SLOTS) {
      const surplus = address === undefined ? undefined : oldestOfMany(topic, address)
      if (!surplus) return false
      this.#remove(surplus)
      this.displaced++
    }
    return this.#size < records
  }

  #add(kept: Kept): void {
    const { topicKey, slotKey, address, second } = kept
    entryOf(this.#topics, topicKey, () => new Map<string, Kept>()).set(slotKey, kept)
    entryOf(this.#ending, second, () => new Set<Kept>()).add(kept)
    if (address !== undefined) this.#perAddress.set(address, (this.#perAddress.get(address) ?? 0) + 1)
    this.#size++
  }

  #remove(kept: Kept): void {
    const { topicKey, slotKey, address, second } = kept
    const topic = this.#topics.get(topicKey)!
    topic.delete(slotKey)
    if (topic.size === 0) this.#topics.delete(topicKey)
    const ending = this.#ending.get(second)!
    ending.delete(kept)
    if (ending.size === 0) this.#ending.delete(second)
    this.#size--
    if (address === undefined) return
    const left = this.#perAddress.get(address)! - 1
    if (left === 0) this.#perAddress.delete(address)
    else this.#perAddress.set(address, left)
  }
}

interface Kept extends RegistryEntry {
  readonly topicKey: string
  readonly slotKey: string
  readonly address: string | undefined
  /** In which it ends. */
  readonly second: number
}

/** The oldest record of the address that has the most in a topic, if that would still be more than the newcomer has then. */
// spec: STT-REG-9
function oldestOfMany(topic: Map<string, Kept>, newcomer: string): Kept | undefined {
  const counts = new Map<string, number>()
  for (const { address } of topic.values()) {
    if (address !== undefined) counts.set(address, (counts.get(address) ?? 0) + 1)
  }
  let most: string | undefined
  for (const [address, count] of counts) if (count > (most === undefined ? 0 : counts.get(most)!)) most = address
  if (most === undefined || counts.get(most)! <= (counts.get(newcomer) ?? 0) + 1) return undefined
  for (const kept of topic.values()) if (kept.address === most) return kept
  return undefined
}

function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key)
  if (value === undefined) map.set(key, (value = make()))
  return value
}
