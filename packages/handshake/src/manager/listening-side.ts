import type { HandshakeHeader } from '../header.ts'
import type { Origin } from '../origin.ts'
import type { ListenContext, ListenRun } from './listen-run.ts'
import type { ManagerSettings } from './manager-settings.ts'
import type { HandshakeRun, Verdict } from './outputs.ts'
import type { UsableSeed } from './seed-ring.ts'

/** What the listening side needs from its manager. */
export interface ListenHost<O extends Origin> extends ListenContext<O> {
  readonly settings: ManagerSettings<O>
  /** A connection id that nothing else in the node has. */
  nextConnectionId(): Uint8Array
  /** Whether a dial under way has this connection id; it is told that its HELLO came back to this node. */
  isDialing(id: Uint8Array, hello: Uint8Array, from: O, now: number): boolean
  /** A RETRY was sent. */
  retried(): void
  /** A run has begun: messages find it from now on, and its time counts. */
  begin(run: ListenRun<O>): void
  /** Lets a run act, and follows what that changed. */
  touch(run: ListenRun<O>, act: () => void): void
}

/** The side of a manager that answers HELLOs. */
export interface ListeningSide<O extends Origin> {
  /** Runs that are not confirmed yet. */
  readonly pending: number
  /** HELLOs that wait for their turn. */
  readonly waiting: number
  /** When `onTime` has something to do; Infinity: not before the next input. */
  readonly deadline: number
  setSeeds(seeds: readonly UsableSeed[]): void
  receiveHello(from: O, header: HandshakeHeader, hello: Uint8Array, now: number): void
  /** Lets in whose turn it is. */
  onTime(now: number): void
  /** A message link has ended. */
  linkClosed(link: Origin): void
  close(): void
  decide(run: HandshakeRun, verdict: Verdict, now: number): boolean
  /** Whether the peer of this run now needs FINAL no more. */
  confirm(run: HandshakeRun): run is ListenRun<O>
  /** No message reaches the run any more. */
  unroute(run: ListenRun<O>): void
}

/** How a manager comes by its listening side: part of a program only when that program listens. */
export type Listen = <O extends Origin>(host: ListenHost<O>) => ListeningSide<O>
