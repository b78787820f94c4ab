import { provider as defaultProvider } from '@stt/crypto'
import { checkShape, NO_CID } from '../check-message.ts'
import type { HandshakeHeader } from '../header.ts'
import { macOf } from '../message.ts'
import { MessageType } from '../message-type.ts'
import type { Origin } from '../origin.ts'
import { Responder } from '../responder.ts'
import { HelloGate } from './hello-gate.ts'
import { HelloQueue, type WaitingHello } from './hello-queue.ts'
import { ListenRun } from './listen-run.ts'
import type { Listen, ListenHost, ListeningSide } from './listening-side.ts'
import type { HelloLimit } from './load-limits.ts'
import type { HandshakeRun, Verdict } from './outputs.ts'
import type { UsableSeed } from './seed-ring.ts'
import { SeenMacs } from './seen-macs.ts'

/** What a manager's `listen` is, for a node that answers HELLOs. */
export const answerHellos: Listen = host => new Listening(host)

class Listening<O extends Origin> implements ListeningSide<O> {
  readonly #host: ListenHost<O>
  readonly #gate: HelloGate
  readonly #seen: SeenMacs = new SeenMacs()
  readonly #queue: HelloQueue<O>
  /** By mac1 of their HELLO. */
  readonly #runs = new Map<string, ListenRun<O>>()
  #seeds: readonly UsableSeed[] = []
  #macKeys: readonly Uint8Array[] = []

  constructor(host: ListenHost<O>) {
    this.#host = host
    const { load, common } = host.settings
    this.#gate = new HelloGate(common.provider ?? defaultProvider, common.entropy, load)
    this.#queue = new HelloQueue(load.waiting)
  }

  get pending(): number {
    return this.#runs.size
  }

  get waiting(): number {
    return this.#queue.size
  }

  get deadline(): number {
    return this.#queue.deadline
  }

  setSeeds(seeds: readonly UsableSeed[]): void {
    this.#seeds = seeds
    this.#macKeys = seeds.map(({ keys }) => keys.mac1)
  }

  receiveHello(from: O, header: HandshakeHeader, hello: Uint8Array, now: number): void {
    const { drop, transmit, isDialing, retried } = this.#host
    const refused = checkShape(header, hello.length, { type: MessageType.Hello, datagram: from.lossy, dcid: NO_CID })
    if (refused) return drop(refused)
    // spec: STT-HS-21 (a HELLO of this node's own that came back, before it costs anything)
    if (isDialing(header.scid, hello, from, now)) return drop('ownKey')

    const mac = String.fromCharCode(...macOf(hello))
    const known = this.#runs.get(mac)
    if (known) return known.repeatResponse(hello, from, now)
    // spec: STT-HS-31
    if (this.#seen.has(mac, now)) return drop('replayed')
    if (this.#queue.has(from)) return drop('unexpected')
    const admission = this.#gate.admit(hello, from, this.#runs.size, this.#macKeys, now)
    if (typeof admission === 'string') return drop(admission)
    if ('retry' in admission) {
      retried()
      return transmit(admission.retry, from)
    }
    if ('waitFor' in admission) {
      const until = now + (from.patience ?? DEFAULT_PATIENCE)
      return this.#wait({ from, hello: hello.slice(), until }, admission.waitFor, now)
    }
    this.#begin(from, hello, mac, this.#seeds[admission.seedIndex]!, now)
  }

  onTime(now: number): void {
    if (now >= this.#queue.deadline) this.#queue.visit(waiting => this.#admitWaiting(waiting, now))
  }

  linkClosed(link: Origin): void {
    this.#queue.remove(link)
  }

  close(): void {
    this.#queue.clear()
  }

  decide(run: HandshakeRun, verdict: Verdict, now: number): boolean {
    if (!(run instanceof ListenRun)) return false
    let decided = false
    this.#host.touch(run, () => {
      decided = run.decide(verdict, now)
    })
    return decided
  }

  confirm(run: HandshakeRun): run is ListenRun<O> {
    if (!(run instanceof ListenRun) || run.state !== 'complete') return false
    run.confirm()
    return true
  }

  unroute(run: ListenRun<O>): void {
    this.#runs.delete(run.helloMac)
  }

  /** spec: STT-HS-43 */
  #wait(waiting: WaitingHello<O>, limit: HelloLimit, now: number): void {
    const { from, until } = waiting
    const turnAt = this.#gate.turnAt(from, this.#runs.size, now)
    if (this.#queue.add(waiting, turnAt)) this.#host.emit({ type: 'waiting', origin: from, until })
    else this.#turnAway(from, limit)
  }

  /** When to look at it again; undefined: it waits no more. */
  #admitWaiting({ from, hello, until }: WaitingHello<O>, now: number): number | undefined {
    const { drop } = this.#host
    const mac = String.fromCharCode(...macOf(hello))
    // The same on two links at once is a recording.
    if (this.#seen.has(mac, now)) return void drop('replayed')
    const admission = this.#gate.admit(hello, from, this.#runs.size, this.#macKeys, now)
    if (typeof admission === 'string') return void drop(admission)
    if ('waitFor' in admission) {
      if (now < until) return Math.min(until, this.#gate.turnAt(from, this.#runs.size, now))
      return void this.#turnAway(from, admission.waitFor)
    }
    if ('seedIndex' in admission) this.#begin(from, hello, mac, this.#seeds[admission.seedIndex]!, now)
    return undefined
  }

  #turnAway(origin: O, limit: HelloLimit): void {
    this.#host.drop(limit === 'prefix' ? 'rateLimited' : 'tableFull')
    this.#host.emit({ type: 'overloaded', origin, limit })
  }

  /** Answers a HELLO whose mac1 was verified. */
  #begin(origin: O, hello: Uint8Array, mac: string, seed: UsableSeed, now: number): void {
    const { settings, nextConnectionId, drop, begin, transmit } = this.#host
    const { keys, index: seedIndex } = seed
    const datagram = origin.lossy
    const responder = new Responder({ ...settings.common, keys, localCid: nextConnectionId(), datagram })
    const response = responder.answerVerifiedHello(hello, now)
    if (response === undefined) return drop(responder.lastDrop!)
    const run = new ListenRun(this.#host, responder, { origin, helloMac: mac, seedIndex }, now)
    this.#seen.add(mac, now)
    this.#runs.set(mac, run)
    begin(run)
    transmit(response, origin)
  }
}

const DEFAULT_PATIENCE = 5_000
