import { provider as defaultProvider } from '@stt/crypto'
import { SttError } from '@stt/errors'
import { checkShape, NO_CID } from '../check-message.ts'
import type { HandshakeHeader } from '../header.ts'
import { macOf } from '../message.ts'
import { MessageType } from '../message-type.ts'
import { Responder } from '../responder.ts'
import { HelloGate, type HelloLimit } from './hello-gate.ts'
import { HelloQueue, type WaitingHello } from './hello-queue.ts'
import { type ListenContext, ListenRun } from './listen-run.ts'
import type { ManagerSettings } from './manager-config.ts'
import type { HandshakeRun, Verdict } from './outputs.ts'
import { parsePeerAddress } from './peer-address.ts'
import type { UsableSeed } from './seed-ring.ts'
import { SeenMacs } from './seen-macs.ts'

/** What the listening side needs from its manager. */
export interface ListenHost extends ListenContext {
  readonly settings: ManagerSettings
  /** A connection id that nothing else in the node has. */
  nextConnectionId(): Uint8Array
  /** Whether a dial under way has this connection id; it is told that its HELLO came back to this node. */
  isDialing(id: Uint8Array, hello: Uint8Array, from: string, now: number): boolean
  /** A RETRY was sent. */
  retried(): void
  /** A run has begun: messages find it from now on, and its time counts. */
  begin(run: ListenRun): void
  /** Lets a run act, and follows what that changed. */
  touch(run: ListenRun, act: () => void): void
}

/** What a listener knows of the link that a message came on, beyond its address. */
export interface LinkFacts {
  /** Whether its address is that of many who have nothing to do with one another, as behind a proxy: it has no budget of its own. */
  readonly isShared?: boolean
  /** Milliseconds that a HELLO may wait for its turn: 5,000 unless given. */
  readonly patience?: number | undefined
}

/** The side of a manager that answers HELLOs. */
export interface ListeningSide {
  /** Runs that are not confirmed yet. */
  readonly pending: number
  /** HELLOs that wait for their turn. */
  readonly waiting: number
  /** When `advance` has something to do; Infinity: not before the next input. */
  readonly nextAt: number
  setSeeds(seeds: readonly UsableSeed[]): void
  receiveHello(address: string, header: HandshakeHeader, hello: Uint8Array, now: number, link: LinkFacts): void
  /** Lets in whose turn it is. */
  advance(now: number): void
  /** A message link has ended. */
  linkClosed(address: string): void
  close(): void
  decide(run: HandshakeRun, verdict: Verdict, now: number): boolean
  /** Whether the peer of this run now needs FINAL no more. */
  confirm(run: HandshakeRun): run is ListenRun
  /** No message reaches the run any more. */
  unroute(run: ListenRun): void
}

/** How a manager comes by its listening side: part of a program only when that program listens. */
export type Listen = (host: ListenHost) => ListeningSide

/** What a manager's `listen` is, for a node that answers HELLOs. */
export const answerHellos: Listen = host => new Listening(host)

class Listening implements ListeningSide {
  readonly #host: ListenHost
  readonly #gate: HelloGate
  readonly #seen: SeenMacs = new SeenMacs()
  readonly #queue: HelloQueue
  /** By mac1 of their HELLO. */
  readonly #runs = new Map<string, ListenRun>()
  #seeds: readonly UsableSeed[] = []
  #macKeys: readonly Uint8Array[] = []

  constructor(host: ListenHost) {
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

  get nextAt(): number {
    return this.#queue.nextAt
  }

  setSeeds(seeds: readonly UsableSeed[]): void {
    this.#seeds = seeds
    this.#macKeys = seeds.map(({ keys }) => keys.mac1)
  }

  receiveHello(address: string, header: HandshakeHeader, hello: Uint8Array, now: number, link: LinkFacts): void {
    const { drop, transmit, isDialing, retried } = this.#host
    const parsed = parsePeerAddress(address)
    const from = link.isShared ? { ...parsed, isLoopback: true } : parsed
    if (from.datagram && from.ip === undefined) {
      throw new SttError(
        'STT_BAD_ADDRESS',
        `${address} names no IP address: give what the socket says, udp://10.0.0.7:4433`,
      )
    }
    const shape = { type: MessageType.Hello, datagram: from.datagram, dcid: NO_CID, scid: undefined }
    const refused = checkShape(hello, shape)
    if (typeof refused === 'string') return drop(refused)
    // spec: STT-HS-21 (a HELLO of this node's own that came back, before it costs anything)
    if (isDialing(header.scid, hello, address, now)) return drop('ownKey')

    const mac = String.fromCharCode(...macOf(hello))
    const known = this.#runs.get(mac)
    if (known) return known.repeatResponse(hello, address, now)
    // spec: STT-HS-31
    if (this.#seen.has(mac, now)) return drop('replayed')
    if (this.#queue.has(address)) return drop('unexpected')
    const admission = this.#gate.admit(hello, from, this.#runs.size, this.#macKeys, now)
    if (typeof admission === 'string') return drop(admission)
    if ('retry' in admission) {
      retried()
      return transmit(admission.retry, address)
    }
    if ('waitFor' in admission) {
      const until = now + (link.patience ?? DEFAULT_PATIENCE)
      return this.#wait({ address, from, hello: hello.slice(), until }, admission.waitFor, now)
    }
    this.#begin(address, hello, { mac, datagram: from.datagram, seed: this.#seeds[admission.seedIndex]! }, now)
  }

  advance(now: number): void {
    if (now >= this.#queue.nextAt) this.#queue.visit(waiting => this.#admitWaiting(waiting, now))
  }

  linkClosed(address: string): void {
    this.#queue.remove(address)
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

  confirm(run: HandshakeRun): run is ListenRun {
    if (!(run instanceof ListenRun) || run.state !== 'complete') return false
    run.confirm()
    return true
  }

  unroute(run: ListenRun): void {
    this.#runs.delete(run.helloMac)
  }

  /** spec: STT-HS-43 */
  #wait(waiting: WaitingHello, limit: HelloLimit, now: number): void {
    const turnAt = this.#gate.turnAt(waiting.from, this.#runs.size, now)
    if (this.#queue.add(waiting, turnAt)) this.#host.emit({ type: 'waiting', address: waiting.address })
    else this.#turnAway(waiting.address, limit)
  }

  /** When to look at it again; undefined: it waits no more. */
  #admitWaiting({ address, from, hello, until }: WaitingHello, now: number): number | undefined {
    const { drop } = this.#host
    const mac = String.fromCharCode(...macOf(hello))
    // The same on two links at once is a recording.
    if (this.#seen.has(mac, now)) return void drop('replayed')
    const admission = this.#gate.admit(hello, from, this.#runs.size, this.#macKeys, now)
    if (typeof admission === 'string') return void drop(admission)
    if ('waitFor' in admission) {
      if (now < until) return Math.min(until, this.#gate.turnAt(from, this.#runs.size, now))
      return void this.#turnAway(address, admission.waitFor)
    }
    if ('seedIndex' in admission)
      this.#begin(address, hello, { mac, datagram: false, seed: this.#seeds[admission.seedIndex]! }, now)
    return undefined
  }

  #turnAway(address: string, limit: HelloLimit): void {
    this.#host.drop(limit === 'prefix' ? 'rateLimited' : 'tableFull')
    this.#host.emit({ type: 'overloaded', address, limit })
  }

  #begin(
    address: string,
    hello: Uint8Array,
    { mac, datagram, seed }: { mac: string; datagram: boolean; seed: UsableSeed },
    now: number,
  ): void {
    const { settings, nextConnectionId, drop, begin, transmit } = this.#host
    const { keys, index: seedIndex } = seed
    const responder = new Responder({ ...settings.common, keys, localCid: nextConnectionId(), datagram })
    const response = responder.processHello(hello, now)
    if (response === undefined) return drop(responder.lastDrop!)
    const run = new ListenRun(this.#host, responder, { address, helloMac: mac, seedIndex, now })
    this.#seen.add(mac, now)
    this.#runs.set(mac, run)
    begin(run)
    transmit(response, address)
  }
}

const DEFAULT_PATIENCE = 5_000
