import { fromHex, toHex } from '@stt/crypto'
import { MAX_SLOTS, type RegistryEntry } from '../registry/message.ts'

/** A record to keep in a slot. */
export interface RecordForSlot extends RegistryEntry {
  /** Name of the topic, 32 bytes. */
  readonly topic: Uint8Array
  /** Seconds to keep it; 0 removes the record of the slot. */
  readonly ttl: number
}

/** Limits of the number of records. */
export interface RecordLimits {
  /** Records in all. */
  readonly records: number
  /** Records of one address. */
  readonly recordsPerAddress: number
}

/**
 * Records by topic and slot, each kept for a time. A slot is the digest of a token that only its node can compute, so no node can
 * write into the slot of another. In a full topic, the address with the most slots gives way to one with few.
 */
export class Topics {
  readonly #topics = new Map<string, Map<string, Kept>>()
  /** Records by the second in which they end. Records are kept for at most 300 seconds, so there are at most 301 entries. */
  readonly #ending = new Map<number, Set<Kept>>()
  readonly #perAddress = new Map<string, number>()
  #size = 0
  /** Records that gave way so far. */
  displaced = 0

  /** Number of records. */
  get size(): number {
    return this.#size
  }

  /** Number of topics with records. */
  get topics(): number {
    return this.#topics.size
  }

  /** When the next record ends, in milliseconds; `Infinity` if there is none. */
  get deadline(): number {
    let first = Number.POSITIVE_INFINITY
    for (const second of this.#ending.keys()) if (second < first) first = second
    return first * 1_000
  }

  /**
   * Keeps a record in place of the one in its slot, or removes that with a ttl of 0.
   *
   * @param address the address to count the record for; undefined if many clients share it
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
    // The address that refreshes a record has it: the previous address does not count it any more.
    if (before) this.#remove(before)
    const second = Math.ceil(now / 1_000) + ttl
    this.#add({ topicKey, slotKey, slot: slot.slice(), blob: blob.slice(), address, second })
    return true
  }

  /** Whether the slot has a record. */
  has(topic: Uint8Array, slot: Uint8Array): boolean {
    return this.#topics.get(toHex(topic))?.has(toHex(slot)) ?? false
  }

  /** All records, with the time that each has left. */
  *records(now: number): Generator<RecordForSlot & { readonly address: string | undefined }, void, undefined> {
    for (const [topicKey, slots] of this.#topics) {
      const topic = fromHex(topicKey)!
      for (const { slot, blob, address, second } of slots.values()) {
        const ttl = Math.floor(second - now / 1_000)
        if (ttl > 0) yield { topic, slot, blob, ttl, address }
      }
    }
  }

  /** The records of a topic. */
  entries(topic: Uint8Array): readonly RegistryEntry[] {
    return [...(this.#topics.get(toHex(topic))?.values() ?? [])]
  }

  /** Removes records whose time is over. */
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
  /** The second in which it ends. */
  readonly second: number
}

/** The oldest record of the address with the most records in a topic, unless the newcomer would then have as many. */
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
