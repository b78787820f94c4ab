import { addressGroup } from './address-group.ts'
import type { WebSocketLimits } from './limits.ts'
import type { Timers } from './timers.ts'

/** The name of a limit of connections, as in the options. */
export type PlaceLimit = 'maxLinks' | 'maxLinksPerAddress' | 'maxUnproved' | 'maxUnprovedPerAddress'

/** A connection that asks for a place. */
export interface Connection {
  /** Bytes received on it so far: a silent connection receives none. */
  readonly bytesRead: () => number
  /** Ends the connection, because another one took its place. */
  readonly evict: () => void
}

/** The place of one connection. */
export interface Place {
  /** The limit that the connection waits for; undefined once it has a place. */
  readonly waitsFor: PlaceLimit | undefined
  /** Calls `callback` once the connection has its place: now, or when its turn comes. */
  whenSeated(callback: () => void): void
  /** Moves the connection to the places of proved peers. @returns the limit that leaves it none */
  prove(): PlaceLimit | undefined
  /** Frees the place. */
  leave(): void
}

type Limits = Pick<
  WebSocketLimits,
  'maxLinks' | 'maxLinksPerAddress' | 'maxUnproved' | 'maxUnprovedPerAddress' | 'maxSilence'
>

/**
 * Gives connections their places. Connections that have not proved themselves have places of their own. No address can hold
 * all of these, and neither can silent connections: a new one takes the place of the oldest silent one, or waits until a place
 * is free. spec: STT-WS-22
 */
export class ConnectionPlaces {
  readonly #limits: Limits
  readonly #timers: Timers
  readonly #unproved: Places
  readonly #proved: Places
  /** Bounded as the places are, because a waiting connection takes resources too. */
  readonly #waiting: Places
  #evicted = 0
  #watching = false

  constructor(limits: Limits, timers: Timers) {
    this.#limits = limits
    this.#timers = timers
    this.#unproved = new Places(limits.maxUnproved, limits.maxUnprovedPerAddress)
    this.#waiting = new Places(limits.maxUnproved, limits.maxUnprovedPerAddress)
    this.#proved = new Places(limits.maxLinks, limits.maxLinksPerAddress)
  }

  /** Connections in places that have not proved themselves. */
  get unproved(): number {
    return this.#unproved.size
  }

  /** Connections that wait for such a place. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** Connections that lost their place to another one. */
  get evicted(): number {
    return this.#evicted
  }

  /**
   * Gives the connection a place or lets it wait for one; answers the limit when it can do neither.
   *
   * @param address undefined if it is not known yet, as behind a proxy
   */
  enter(address: string | undefined, connection: Connection): Place | PlaceLimit {
    const group = address === undefined ? undefined : addressGroup(address)
    const seat = new Seat(group, connection, this.#timers.now(), this)
    if (this.#seat(seat)) return seat
    if (this.#waiting.isFull(group)) return seat.waitsFor!
    this.#waiting.add(seat)
    this.#watch()
    return seat
  }

  /** @internal */
  prove(seat: Seat): PlaceLimit | undefined {
    if (this.#proved.has(seat)) return undefined
    if (this.#proved.size >= this.#limits.maxLinks) return 'maxLinks'
    if (this.#proved.isFull(seat.group)) return 'maxLinksPerAddress'
    this.leave(seat)
    this.#proved.add(seat)
    return undefined
  }

  /** @internal */
  leave(seat: Seat): void {
    this.#proved.remove(seat)
    this.#waiting.remove(seat)
    if (this.#unproved.remove(seat)) this.#seatWaiting()
  }

  /** Gives a free place or that of a silent connection. @returns whether it could */
  #seat(seat: Seat): boolean {
    const isAddressFull = this.#unproved.countOf(seat.group) >= this.#limits.maxUnprovedPerAddress
    if (isAddressFull || this.#unproved.size >= this.#limits.maxUnproved) {
      const silent = this.#oldestSilent(isAddressFull ? seat.group : undefined)
      if (!silent) {
        seat.waitsFor = isAddressFull ? 'maxUnprovedPerAddress' : 'maxUnproved'
        return false
      }
      this.#unproved.remove(silent)
      this.#evicted++
      silent.connection.evict()
    }
    this.#unproved.add(seat)
    return true
  }

  #oldestSilent(group: string | undefined): Seat | undefined {
    const now = this.#timers.now()
    for (const seat of this.#unproved) {
      if ((group === undefined || seat.group === group) && seat.silence(now) >= this.#limits.maxSilence) return seat
    }
    return undefined
  }

  #seatWaiting(): void {
    for (const seat of this.#waiting) {
      if (!this.#seat(seat)) continue
      this.#waiting.remove(seat)
      seat.seated()
    }
  }

  /** Looks for silent connections as long as others wait. */
  #watch(): void {
    if (this.#watching) return
    this.#watching = true
    this.#timers.set(() => {
      this.#watching = false
      this.#seatWaiting()
      if (this.#waiting.size > 0) this.#watch()
    }, WATCH_INTERVAL)
  }
}

class Seat implements Place {
  readonly group: string | undefined
  readonly connection: Connection
  waitsFor: PlaceLimit | undefined
  readonly #places: ConnectionPlaces
  #callback: (() => void) | undefined
  /** Bytes received when silence was last looked at. */
  #bytes = 0
  #since: number

  constructor(group: string | undefined, connection: Connection, now: number, places: ConnectionPlaces) {
    this.group = group
    this.connection = connection
    this.#since = now
    this.#places = places
  }

  /** Milliseconds since a look last found new bytes. */
  silence(now: number): number {
    const bytes = this.connection.bytesRead()
    if (bytes !== this.#bytes) {
      this.#bytes = bytes
      this.#since = now
    }
    return now - this.#since
  }

  whenSeated(callback: () => void): void {
    if (this.waitsFor === undefined) callback()
    else this.#callback = callback
  }

  seated(): void {
    this.waitsFor = undefined
    this.#callback?.()
  }

  prove(): PlaceLimit | undefined {
    return this.#places.prove(this)
  }

  leave(): void {
    this.#places.leave(this)
  }
}

/** A bounded number of places, the oldest first, with a bound for each address. */
class Places {
  readonly #max: number
  readonly #maxPerGroup: number
  readonly #seats = new Set<Seat>()
  readonly #counts = new Map<string, number>()

  constructor(max: number, maxPerGroup: number) {
    this.#max = max
    this.#maxPerGroup = maxPerGroup
  }

  get size(): number {
    return this.#seats.size
  }

  has(seat: Seat): boolean {
    return this.#seats.has(seat)
  }

  countOf(group: string | undefined): number {
    return group === undefined ? 0 : (this.#counts.get(group) ?? 0)
  }

  isFull(group: string | undefined): boolean {
    return this.#seats.size >= this.#max || this.countOf(group) >= this.#maxPerGroup
  }

  add(seat: Seat): void {
    this.#seats.add(seat)
    if (seat.group !== undefined) this.#counts.set(seat.group, this.countOf(seat.group) + 1)
  }

  /** @returns whether the seat was in a place */
  remove(seat: Seat): boolean {
    if (!this.#seats.delete(seat)) return false
    if (seat.group === undefined) return true
    const count = this.countOf(seat.group) - 1
    if (count === 0) this.#counts.delete(seat.group)
    else this.#counts.set(seat.group, count)
    return true
  }

  [Symbol.iterator](): IterableIterator<Seat> {
    return this.#seats.values()
  }
}

/** Milliseconds between two looks for silent connections. */
const WATCH_INTERVAL = 250
