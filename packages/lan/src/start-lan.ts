import { performance } from 'node:perf_hooks'
import type { Entropy } from '@stt/crypto'
import { SttError } from '@stt/errors'
import type { LanPorts, LanStatistics } from './lan-agent.ts'
import { type LanInterface, lanInterfaces } from './lan-interfaces.ts'
import { type LanPeer, LanPlace, type LanPlaceHost, type LanState } from './lan-place.ts'
import { LanPlaces } from './lan-places.ts'
import { explainSilence, hearsNothing, notWorking, portTaken } from './problems.ts'

/** Options of `startLan`. */
export interface LanOptions {
  /** The node's own id, 32 bytes. */
  readonly id: Uint8Array
  /** `lan` of the rendezvous keys of its seeds; the seed that the node dials with comes first. */
  readonly keys: () => readonly Uint8Array[]
  /** Ports at which others can dial the node at an address of this machine; zeros if they cannot. */
  readonly ports: (address: string) => LanPorts
  /** Whether to use an interface, by its name and whether it is internal. Default: every interface that is not internal. */
  readonly isUsed?: (name: string, isInternal: boolean) => boolean
  /** Random bytes, for names and delays. */
  readonly entropy: Entropy
  /** Called when a node of a seed is seen. */
  readonly onSeen: (peer: LanPeer) => void
  /** Called when a node says that it closes. */
  readonly onGone: (id: Uint8Array) => void
  /** Called with a problem, once for each interface and cause. The other interfaces go on. */
  readonly onProblem: (error: SttError) => void
}

/** The mDNS of one node on all its interfaces. */
export interface Lan {
  /** The addresses that are used now. */
  readonly interfaces: readonly LanState[]
  /** The likely reason why no node is found, with what to do; undefined if packets of others arrive. */
  explainSilence(): string | undefined
  /** Asks for other nodes, until `unwatch`. */
  watch(): void
  /** Stops asking for other nodes. The node still announces itself. */
  unwatch(): void
  /** Announces and asks anew and tries failed interfaces again; call it when the network or the node's ports may have changed. */
  changed(): void
  /** Announces under the names of other seeds; call it when `keys` has changed. */
  keysReplaced(): void
  /** Counters of all interfaces together. */
  getStatistics(): LanStatistics
  /** Says goodbye and closes. Resolves when all sockets are closed. */
  close(): Promise<void>
}

/** Announces a node on the local network and finds other nodes of its seeds there. Problems go to `onProblem`; it never throws. */
export function startLan(options: LanOptions): Lan {
  return new RunningLan(options)
}

class RunningLan implements Lan {
  readonly #options: LanOptions
  readonly #host: LanPlaceHost
  readonly #wanted = new LanPlaces()
  /** Open places by their key. */
  readonly #places = new Map<string, LanPlace>()
  /** Keys of the reported problems. */
  readonly #told = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #isWatching = false
  #isClosed = false
  readonly #past = { received: 0, dropped: 0, wrong: 0 }

  constructor(options: LanOptions) {
    this.#options = options
    this.#host = {
      ...options,
      onFailed: (place, cause) => this.#onFailed(place, cause),
      onDeaf: where => this.#tell(`${where.name} deaf`, hearsNothing(where)),
    }
    this.#drain()
  }

  get interfaces(): readonly LanState[] {
    return [...this.#places.values()].map(({ state }) => state)
  }

  explainSilence(): string | undefined {
    return explainSilence(this.interfaces)
  }

  watch(): void {
    this.#isWatching = true
    for (const place of this.#places.values()) place.watch()
  }

  unwatch(): void {
    this.#isWatching = false
    for (const place of this.#places.values()) place.unwatch()
  }

  changed(): void {
    for (const place of this.#places.values()) {
      place.announce()
      if (this.#isWatching) place.watch()
    }
    this.#wanted.changed()
    this.#drain()
  }

  keysReplaced(): void {
    for (const place of this.#places.values()) place.keysReplaced()
  }

  getStatistics(): LanStatistics {
    const all = [this.#past, ...[...this.#places.values()].map(place => place.getStatistics())]
    const sum = (name: keyof LanStatistics): number => all.reduce((total, each) => total + each[name], 0)
    return { received: sum('received'), dropped: sum('dropped'), wrong: sum('wrong') }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    const closing = [...this.#places.values()].map(place => place.close())
    this.#places.clear()
    await Promise.all(closing)
  }

  #drain(): void {
    while (!this.#isClosed) {
      const now = performance.now()
      const output = this.#wanted.poll(now)
      if (output.type === 'look') this.#look()
      else if (output.type === 'enter') void this.#enter(output.key, output.where)
      else if (output.type === 'leave') this.#leave(output.key)
      else if (output.type === 'problem') {
        this.#tell(`${output.where.name} failed`, notWorking(output.where, output.cause))
      } else {
        clearTimeout(this.#timer)
        this.#timer = setTimeout(() => this.#drain(), Math.max(0, Math.ceil(output.at - now))).unref()
        return
      }
    }
  }

  #look(): void {
    const { isUsed = (_, isInternal) => !isInternal } = this.#options
    try {
      this.#wanted.look(lanInterfaces(isUsed))
    } catch (cause) {
      const message = 'this system does not list its interfaces, so no node is found on the local network'
      this.#tell('interfaces', new SttError('STT_UNSUPPORTED', message, { cause }))
    }
  }

  async #enter(key: string, where: LanInterface): Promise<void> {
    let place: LanPlace
    try {
      place = await LanPlace.open(where, this.#host)
    } catch (cause) {
      this.#wanted.failed(key, cause, performance.now())
      return this.#drain()
    }
    const { answers } = place.state
    // It is not of use if the interface is gone, or if the open place does as much.
    const isOfUse = !this.#isClosed && this.#wanted.has(key) && (answers || !this.#places.has(key))
    this.#wanted.opened(key, answers, performance.now())
    if (isOfUse) {
      this.#leave(key)
      this.#places.set(key, place)
      if (!answers) this.#tell(`${where.name} port`, portTaken(where))
      place.announce()
      if (this.#isWatching) place.watch()
    } else void place.leave()
    this.#drain()
  }

  #onFailed(place: LanPlace, cause: unknown): void {
    for (const [key, each] of this.#places) {
      if (each !== place) continue
      this.#leave(key)
      this.#wanted.failed(key, cause, performance.now())
    }
    this.#drain()
  }

  #leave(key: string): void {
    const place = this.#places.get(key)
    if (!place) return
    this.#places.delete(key)
    void place.leave()
    const past = place.getStatistics()
    for (const name of ['received', 'dropped', 'wrong'] as const) this.#past[name] += past[name]
  }

  #tell(key: string, error: SttError): void {
    if (this.#told.has(key) || this.#told.size >= MOST_TOLD) return
    this.#told.add(key)
    this.#options.onProblem(error)
  }
}

const MOST_TOLD = 64
