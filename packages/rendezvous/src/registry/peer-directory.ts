import { equalBytes, toHex } from '@stt/crypto'
import type { PeerRecord } from './record.ts'

/** A node of the seed, as far as it was seen. */
export interface SeenPeer {
  /** Its node id, 32 bytes. */
  readonly id: Uint8Array
  /** Who told of it: URLs of relays, or `lan`. */
  readonly seenAt: readonly string[]
  /** Where it can be dialed, as those say. */
  readonly places: readonly string[]
}

/** A record, or less: who is seen directly says no more than that. */
export type Told = Pick<PeerRecord, 'id' | 'relays'> & Partial<PeerRecord>

export type DirectoryEvent =
  | { readonly type: 'appeared'; readonly peer: SeenPeer }
  | { readonly type: 'disappeared'; readonly peer: SeenPeer }

/**
 * Who of a seed's nodes is where, from all that tell: sans-IO. What it keeps is bounded, however many ids a holder of the seed
 * makes up.
 */
export class PeerDirectory {
  readonly #self: Uint8Array
  readonly #peers = new Map<string, Entry>()
  readonly #events: DirectoryEvent[] = []
  /** How often each source has told of all that it knows. */
  readonly #rounds = new Map<string, number>()
  /** What was told and not taken: too old, over, or more than fits. */
  ignored = 0

  /** @param self the id of the node itself, which it does not look for */
  constructor(self: Uint8Array) {
    this.#self = self
  }

  get peers(): readonly SeenPeer[] {
    return [...this.#peers.values()].map(seen)
  }

  find(id: Uint8Array): SeenPeer | undefined {
    const entry = this.#peers.get(toHex(id))
    return entry && seen(entry)
  }

  /**
   * A source told of a node.
   *
   * @param ttl milliseconds for which that holds unless it is told again
   * @param unixSeconds the time of day, which `expires` of the record is held against
   */
  // spec: STT-REG-4
  tell(source: string, record: Told, ttl: number, now: number, unixSeconds: number): void {
    const { id, relays, seq, expires = Number.POSITIVE_INFINITY } = record
    if (equalBytes(id, this.#self)) return
    const key = toHex(id)
    const known = this.#peers.get(key)
    const isOver = expires + CLOCKS_DIFFER < unixSeconds
    if (isOver || (known && seq !== undefined && seq < known.seq) || (!known && this.#peers.size >= MOST_PEERS)) {
      this.ignored++
      return
    }
    const entry = known ?? { id: id.slice(), seq: 0, sources: new Map<string, Sighting>() }
    if (seq !== undefined) entry.seq = seq
    entry.sources.set(source, { places: relays, until: now + ttl, round: this.#rounds.get(source) ?? 0 })
    if (known) return
    this.#peers.set(key, entry)
    this.#events.push({ type: 'appeared', peer: seen(entry) })
  }

  /** A source has told of all that it knows: those that it did not name again it knows no more. */
  told(source: string): void {
    const round = this.#rounds.get(source) ?? 0
    this.#rounds.set(source, round + 1)
    this.#drop((from, sighting) => from === source && sighting.round < round)
  }

  /** A source knows one no more. */
  untell(source: string, id: Uint8Array): void {
    const entry = this.#peers.get(toHex(id))
    this.#drop((from, _, each) => from === source && each === entry)
  }

  /** When `onTime` is to be called; `Infinity`: nobody was seen. */
  get deadline(): number {
    let first = Number.POSITIVE_INFINITY
    for (const { sources } of this.#peers.values())
      for (const { until } of sources.values()) first = Math.min(first, until)
    return first
  }

  onTime(now: number): void {
    this.#drop((_, { until }) => until <= now)
  }

  /** The next of what happened. */
  shift(): DirectoryEvent | undefined {
    return this.#events.shift()
  }

  #drop(isGone: (source: string, sighting: Sighting, entry: Entry) => boolean): void {
    for (const [key, entry] of [...this.#peers]) {
      const before = seen(entry)
      for (const [source, sighting] of [...entry.sources])
        if (isGone(source, sighting, entry)) entry.sources.delete(source)
      if (entry.sources.size > 0) continue
      this.#peers.delete(key)
      this.#events.push({ type: 'disappeared', peer: before })
    }
  }
}

interface Entry {
  readonly id: Uint8Array
  seq: number
  readonly sources: Map<string, Sighting>
}

interface Sighting {
  readonly places: readonly string[]
  /** Milliseconds. */
  readonly until: number
  /** In which of the source's rounds it was told. */
  readonly round: number
}

function seen({ id, sources }: Entry): SeenPeer {
  const places = [...sources.values()].flatMap(each => each.places)
  return { id, seenAt: [...sources.keys()], places: [...new Set(places)] }
}

/** Seconds: as much as names of hours allow. */
const CLOCKS_DIFFER = 3_600
const MOST_PEERS = 1_024
