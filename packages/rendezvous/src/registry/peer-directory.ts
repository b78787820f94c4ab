import { equalBytes, toHex } from '@stt/crypto'
import type { PeerRecord } from './record.ts'

/** A node of the seed that at least one source has reported. */
export interface SeenPeer {
  /** The node id, 32 bytes. */
  readonly id: Uint8Array
  /** The sources that reported it: URLs of relays, or `lan`. */
  readonly seenAt: readonly string[]
  /** The places where it can be dialed, according to those sources. */
  readonly places: readonly string[]
}

/** A change in a directory. */
export type DirectoryEvent =
  /** A first source has reported the node. */
  | { readonly type: 'appeared'; readonly peer: SeenPeer }
  /** No source reports the node any more. */
  | { readonly type: 'disappeared'; readonly peer: SeenPeer }

/**
 * The nodes of a seed and their places, from all sources together. It has no I/O and no clock. Its memory is bounded, however many
 * ids a holder of the seed makes up.
 */
export class PeerDirectory {
  readonly #self: Uint8Array
  readonly #peers = new Map<string, Entry>()
  readonly #events: DirectoryEvent[] = []
  /** Number of complete reports by source. */
  readonly #rounds = new Map<string, number>()
  /** Number of reports that were ignored: outdated, expired, or beyond the bound. */
  ignored = 0

  /** @param self the id of the node itself, whose reports are ignored without being counted */
  constructor(self: Uint8Array) {
    this.#self = self
  }

  /** All nodes that are known now. */
  get peers(): readonly SeenPeer[] {
    return [...this.#peers.values()].map(seen)
  }

  /** A node by its id, if it is known now. */
  find(id: Uint8Array): SeenPeer | undefined {
    const entry = this.#peers.get(toHex(id))
    return entry && seen(entry)
  }

  /**
   * A source reports a node.
   *
   * @param record less than a record if the node was seen directly
   * @param ttl milliseconds for which the report holds unless it is repeated
   * @param unixSeconds the time of day, to compare with `expires` of the record
   */
  // spec: STT-REG-4
  tell(
    source: string,
    record: Pick<PeerRecord, 'id' | 'relays'> & Partial<PeerRecord>,
    ttl: number,
    now: number,
    unixSeconds: number,
  ): void {
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

  /** A source has finished a complete report. Nodes that it did not repeat are no longer known from it. */
  told(source: string): void {
    const round = this.#rounds.get(source) ?? 0
    this.#rounds.set(source, round + 1)
    this.#drop((from, sighting) => from === source && sighting.round < round)
  }

  /** A source no longer knows a node. */
  untell(source: string, id: Uint8Array): void {
    const entry = this.#peers.get(toHex(id))
    this.#drop((from, _, each) => from === source && each === entry)
  }

  /** When to call `onTime`, in milliseconds; `Infinity` while no node is known. */
  get deadline(): number {
    let first = Number.POSITIVE_INFINITY
    for (const { sources } of this.#peers.values())
      for (const { until } of sources.values()) first = Math.min(first, until)
    return first
  }

  /** Forgets reports whose time is over. */
  onTime(now: number): void {
    this.#drop((_, { until }) => until <= now)
  }

  /** The next event; undefined if there is none. */
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
  /** End of the report, in milliseconds. */
  readonly until: number
  /** Number of the source's complete report that this belongs to. */
  readonly round: number
}

function seen({ id, sources }: Entry): SeenPeer {
  const places = [...sources.values()].flatMap(each => each.places)
  return { id, seenAt: [...sources.keys()], places: [...new Set(places)] }
}

/** Difference of clocks in seconds that is tolerated, the same as for names by the hour. */
const CLOCKS_DIFFER = 3_600
const MOST_PEERS = 1_024
