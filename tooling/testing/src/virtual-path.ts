import { type Conditions, noCounters, type PathCounters, quiet } from './conditions.ts'
import type { Random } from './random.ts'
import type { VirtualLoop } from './virtual-loop.ts'

export interface VirtualPathOptions<T> {
  readonly loop: VirtualLoop
  readonly random: Random
  readonly conditions?: Partial<Conditions>
  /** `true`: nothing is lost, reordered, duplicated or corrupted; a blackhole only delays. */
  readonly reliable?: boolean
  /** Gives a damaged copy; without it nothing is corrupted. */
  readonly corrupt?: (item: T, random: Random) => T
  readonly deliver: (item: T, size: number) => void
}

/**
 * One direction of a network: what goes in comes out later, or not, as its conditions say. It carries anything that
 * has a size, so that a model of packets needs no bytes.
 */
export class VirtualPath<T> {
  readonly counters: PathCounters = noCounters()
  readonly #options: VirtualPathOptions<T>
  readonly #loop: VirtualLoop
  readonly #random: Random
  #conditions: Conditions
  #lostInARow = 0
  /** When the bottleneck will have sent everything that it holds. */
  #busyUntil = 0
  /** No packet that keeps its order arrives before this. */
  #lastArrival = 0

  constructor(options: VirtualPathOptions<T>) {
    this.#options = options
    this.#loop = options.loop
    this.#random = options.random
    this.#conditions = { ...quiet, ...options.conditions }
  }

  get conditions(): Conditions {
    return this.#conditions
  }

  /** Changes the network under the traffic; what is under way is not touched. */
  change(conditions: Partial<Conditions>): void {
    this.#conditions = { ...this.#conditions, ...conditions }
  }

  /** Bytes that wait in the bottleneck's queue now. */
  get queuedBytes(): number {
    const { rate } = this.#conditions
    return Number.isFinite(rate) ? (Math.max(0, this.#busyUntil - this.#loop.now) * rate) / 1000 : 0
  }

  send(item: T, size: number): void {
    const { counters } = this
    counters.sent++
    if (this.#options.reliable) {
      this.#transmit(item, size, this.#windowEnd(this.#loop.now) ?? this.#loop.now)
      return
    }

    const conditions = this.#conditions
    if (size > conditions.mtu) {
      counters.tooLarge++
      return
    }
    if (this.#windowEnd(this.#loop.now) !== undefined) {
      counters.blackholed++
      return
    }
    if (conditions.drop.includes(counters.sent) || this.#losesNext()) {
      counters.lost++
      return
    }
    if (this.queuedBytes + size > conditions.queue) {
      counters.overflowed++
      return
    }
    this.#transmit(item, size, this.#loop.now)
    if (this.#random.chance(conditions.duplicate)) {
      counters.duplicated++
      this.#transmit(item, size, this.#loop.now)
    }
  }

  #transmit(item: T, size: number, from: number): void {
    const { delay, jitter, rate, reorder, reorderDelay, corrupt } = this.#conditions
    if (Number.isFinite(rate)) {
      this.#busyUntil = Math.max(this.#busyUntil, from) + (size * 1000) / rate
      from = this.#busyUntil
    }
    let arrival = from + delay + (jitter > 0 ? this.#random.next() * jitter : 0)
    let content = item
    if (!this.#options.reliable && this.#options.corrupt && this.#random.chance(corrupt)) {
      this.counters.corrupted++
      content = this.#options.corrupt(item, this.#random)
    }
    if (!this.#options.reliable && this.#random.chance(reorder)) {
      this.counters.reordered++
      arrival += reorderDelay
    } else {
      arrival = this.#lastArrival = Math.max(arrival, this.#lastArrival)
    }
    this.#loop.schedule(arrival, () => {
      this.counters.delivered++
      this.counters.bytesDelivered += size
      this.#options.deliver(content, size)
    })
  }

  /** Gilbert's model: everything is lost in the bad state; its mean length and share give the two transitions. */
  #losesNext(): boolean {
    const { rate, burst, longest = Number.POSITIVE_INFINITY } = this.#conditions.loss
    if (rate <= 0) return false
    if (burst === 1) return this.#random.chance(rate)
    const stay = 1 - 1 / burst
    if (this.#lostInARow > 0) {
      const goesOn = this.#lostInARow < longest && this.#random.chance(stay)
      this.#lostInARow = goesOn ? this.#lostInARow + 1 : 0
      return goesOn
    }
    const meanLength = burst * (1 - stay ** longest)
    if (!this.#random.chance(Math.min(1, rate / (1 - rate) / meanLength))) return false
    this.#lostInARow = 1
    return true
  }

  /** The end of the blackhole that `time` is in. */
  #windowEnd(time: number): number | undefined {
    return this.#conditions.blackholes.find(([from, to]) => time >= from && time < to)?.[1]
  }
}
