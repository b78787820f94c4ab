import { provider as defaultProvider } from '@stt/crypto'
import { checkShape, NO_CID } from '../check-message.ts'
import type { HandshakeHeader } from '../header.ts'
import { macOf } from '../message.ts'
import { MessageType } from '../message-type.ts'
import type { Origin } from '../origin.ts'
import { Responder } from '../responder.ts'
import { HelloGate } from './hello-gate.ts'
import { HelloQueue, type WaitingHello } from './hello-queue.ts'
import { type IncomingContext, IncomingRun } from './incoming-run.ts'
import type { HelloLimit } from './load-limits.ts'
import type { ManagerSettings } from './manager-settings.ts'
import type { Decision, HandshakeRun } from './outputs.ts'
import type { UsableSeed } from './seed-ring.ts'
import { SeenMacs } from './seen-macs.ts'

/** The manager, as a `HelloHandler` sees it. */
export interface HelloContext<O extends Origin> extends IncomingContext<O> {
  readonly settings: ManagerSettings<O>
  /** A connection id that is new in the node. */
  nextConnectionId(): Uint8Array
  /** Whether a dial under way has this connection id; it is told that its HELLO came back to this node. */
  isDialing(id: Uint8Array, hello: Uint8Array, from: O, now: number): boolean
  /** A RETRY was sent. */
  retried(): void
  /** A run has begun: messages find it from now on, and its time counts. */
  begin(run: IncomingRun<O>): void
  /** Lets a run act, and follows what that changed. */
  touch(run: IncomingRun<O>, act: () => void): void
}

/** The side of a manager that answers HELLOs. */
export class HelloHandler<O extends Origin> {
  readonly #context: HelloContext<O>
  readonly #gate: HelloGate
  readonly #seen: SeenMacs = new SeenMacs()
  readonly #queue: HelloQueue<O>
  /** By mac1 of their HELLO. */
  readonly #runs = new Map<string, IncomingRun<O>>()
  #seeds: readonly UsableSeed[] = []
  /** A new list whenever the seeds change. */
  #macKeys: readonly Uint8Array[] = []

  constructor(context: HelloContext<O>) {
    this.#context = context
    const { load, common } = context.settings
    this.#gate = new HelloGate(common.provider ?? defaultProvider, common.entropy, load)
    this.#queue = new HelloQueue(load.waiting)
  }

  /** Runs that are not confirmed yet. */
  get pending(): number {
    return this.#runs.size
  }

  /** HELLOs that wait for their turn. */
  get waiting(): number {
    return this.#queue.size
  }

  /** When `onTime` has something to do; Infinity: not before the next input. */
  get deadline(): number {
    return this.#queue.deadline
  }

  setSeeds(seeds: readonly UsableSeed[]): void {
    this.#seeds = seeds
    this.#macKeys = seeds.map(({ keys }) => keys.mac1)
  }

  receiveHello(from: O, header: HandshakeHeader, hello: Uint8Array, now: number): void {
    const { drop, transmit, isDialing, retried } = this.#context
    const refused = checkShape(header, hello.length, { type: MessageType.Hello, datagram: from.lossy, dcid: NO_CID })
    if (refused) return drop(refused)
    // spec: STT-HS-21 (a HELLO of this node that came back, before it costs anything)
    if (isDialing(header.scid, hello, from, now)) return drop('ownKey')

    const mac = macKeyOf(hello)
    const known = this.#runs.get(mac)
    if (known) return known.repeatResponse(hello, from, now)
    // spec: STT-HS-31
    if (this.#seen.has(mac, now)) return drop('replayed')
    if (this.#queue.has(from)) return drop('unexpected')
    const outcome = this.#gate.admit(hello, from, this.#runs.size, this.#macKeys, now)
    if (typeof outcome === 'string') return drop(outcome)
    if ('retry' in outcome) {
      retried()
      return transmit(outcome.retry, from)
    }
    const { seedIndex } = outcome
    if (outcome.waitFor) {
      const until = now + (from.patience ?? DEFAULT_PATIENCE)
      const waiting = { from, hello: hello.slice(), until, seedIndex, macKeys: this.#macKeys }
      return this.#wait(waiting, outcome.waitFor, now)
    }
    this.#begin(from, hello, mac, this.#seeds[seedIndex]!, now)
  }

  /** Admits the HELLOs whose turn it is. */
  onTime(now: number): void {
    if (now >= this.#queue.deadline) this.#queue.visit(waiting => this.#admitWaiting(waiting, now))
  }

  /** A message link has ended. */
  linkClosed(link: Origin): void {
    this.#queue.remove(link)
  }

  close(): void {
    this.#queue.clear()
  }

  /** @returns false when the peer of this run no longer waits for a decision */
  decide(run: HandshakeRun, decision: Decision, now: number): boolean {
    if (!(run instanceof IncomingRun)) return false
    let decided = false
    this.#context.touch(run, () => {
      decided = run.decide(decision, now)
    })
    return decided
  }

  /** Whether the peer of this run now needs FINAL no more. */
  confirm(run: HandshakeRun): run is IncomingRun<O> {
    if (!(run instanceof IncomingRun) || run.state !== 'complete') return false
    run.confirm()
    return true
  }

  /** No message reaches the run any more. */
  unroute(run: IncomingRun<O>): void {
    this.#runs.delete(run.helloMac)
  }

  /** spec: STT-HS-43 */
  #wait(waiting: WaitingHello<O>, limit: HelloLimit, now: number): void {
    const { from, until } = waiting
    const turnAt = this.#gate.turnAt(from, this.#runs.size, now)
    if (this.#queue.add(waiting, turnAt)) this.#context.emit({ type: 'waiting', origin: from, until })
    else this.#turnAway(from, limit)
  }

  /** @returns when to look at it again; undefined: it waits no more */
  #admitWaiting({ from, hello, until, ...verified }: WaitingHello<O>, now: number): number | undefined {
    const { drop } = this.#context
    const mac = macKeyOf(hello)
    // The same HELLO on two links at once is a recording.
    if (this.#seen.has(mac, now)) return void drop('replayed')
    // mac1 was verified when the HELLO came: that holds until the seeds change.
    const known = verified.macKeys === this.#macKeys ? verified.seedIndex : undefined
    const outcome = this.#gate.admit(hello, from, this.#runs.size, this.#macKeys, now, known)
    if (typeof outcome === 'string') return void drop(outcome)
    if ('retry' in outcome) return undefined
    if (outcome.waitFor) {
      if (now < until) return Math.min(until, this.#gate.turnAt(from, this.#runs.size, now))
      return void this.#turnAway(from, outcome.waitFor)
    }
    return void this.#begin(from, hello, mac, this.#seeds[outcome.seedIndex]!, now)
  }

  #turnAway(origin: O, limit: HelloLimit): void {
    this.#context.drop(limit === 'prefix' ? 'rateLimited' : 'tableFull')
    this.#context.emit({ type: 'overloaded', origin, limit })
  }

  /** Answers a HELLO whose header and mac1 were checked. */
  #begin(origin: O, hello: Uint8Array, helloMac: string, { keys, index }: UsableSeed, now: number): void {
    const { settings, nextConnectionId, drop, begin, transmit } = this.#context
    const datagram = origin.lossy
    const responder = new Responder({ ...settings.common, keys, localCid: nextConnectionId(), datagram })
    const response = responder.answerVerifiedHello(hello, now)
    if (response === undefined) return drop(responder.lastDrop!)
    const run = new IncomingRun(this.#context, responder, { origin, helloMac, seedIndex: index }, now)
    this.#seen.add(helloMac, now)
    this.#runs.set(helloMac, run)
    begin(run)
    transmit(response, origin)
  }
}

/** mac1 as the key of a map. */
function macKeyOf(hello: Uint8Array): string {
  return String.fromCharCode(...macOf(hello))
}

const DEFAULT_PATIENCE = 5_000
