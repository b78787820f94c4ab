import type { Seed } from '@stt/crypto'
import type { DialOptions } from '../dial/dial.ts'
import type { LanState } from '../discovery/lan-platform.ts'
import type { PeerEvent } from '../discovery/peer-events.ts'
import type { DatedSeed } from '../keys/seeds.ts'
import type { NodeId } from '../peers/peers.ts'
import type { RelayState } from '../relay/relay-state.ts'
import type { NodeStatistics } from './node-statistics.ts'
import type { Session } from './session.ts'
import type { Stream } from './stream.ts'

/** Options of `drain`. */
export interface DrainOptions {
  /** Milliseconds after which the remaining sessions are closed; never by default. */
  readonly deadline?: number
  /** Ends the wait only: the node goes on draining. */
  readonly signal?: AbortSignal
}

/** A node on any platform; `STTNode.create` makes one. */
export interface AnyNode<S extends Stream = Stream> {
  /** Node id, 32 bytes: peers know this node by it, and each handshake proves it. */
  readonly id: Uint8Array<ArrayBuffer>

  /**
   * The addresses at which this node can be dialed, with the ports that it took; those of a `ws.server` once that server
   * listens. The addresses at relays where the node listens now come last.
   */
  readonly addresses: readonly string[]

  /** The relays of this node as they are now, in the order in which it uses them. */
  readonly relays: readonly RelayState[]

  /** The interfaces on which this node speaks mDNS now, and whom it hears there; empty without `discovery.lan`. */
  readonly lan: readonly LanState[]

  /** The sessions that are open now, opened by either side. Reading this takes none of them from `sessions()`. */
  readonly liveSessions: readonly Session<S>[]

  /**
   * Opens a session with the node at `address`. Of several addresses the first that answers wins, and UDP is tried first: each has 250 ms
   * before the next is tried beside it, and a failure starts the next at once. A name is tried with all its IP
   * addresses. The session keeps all addresses: when its path fails it uses another, and it moves to a better one as soon as
   * that works.
   *
   * With a `peer` the node also searches its relays and, with `discovery.lan`, the local network; without an address it searches
   * only there. With neither address nor `peer` it takes any node of the seed that it finds, preferably one that it has no session with.
   *
   * Rejects with `STT_NOT_FOUND` (found no node to dial), `STT_TIMEOUT` (no holder of the seed answered),
   * `STT_CONNECT_FAILED`, `STT_PEER_REFUSED`, `STT_BUSY`, `STT_BAD_ADDRESS`, `STT_ABORTED` or `STT_CLOSED`. After several
   * attempts the code is that of the attempt that came furthest, the message lists each with its address, code and
   * time, and `cause` is an `AggregateError` of them.
   *
   * @example
   * const session = await node.connect('wss://example.org/stt', { signal: AbortSignal.timeout(10_000) })
   */
  connect(options?: DialOptions): Promise<Session<S>>
  connect(address: string | readonly string[], options?: DialOptions): Promise<Session<S>>

  /**
   * The other nodes of the seed that are present, and then each that comes or goes, as the registries of this node's relays
   * and the local network report. The node looks for them during the iteration, which ends when the node closes.
   *
   * @throws SttError `STT_INVALID_ARGUMENT` for a node that has neither relays nor `discovery.lan`
   */
  peers(): AsyncIterable<PeerEvent>

  /**
   * The sessions that peers open, as they come; the iteration ends when the node closes. A session that ended before it
   * was taken still comes when its peer left streams or datagrams in it, and counts as one of `limits.sessions` until
   * then.
   */
  sessions(): AsyncIterable<Session<S>>

  /**
   * Calls `handler` with each session that a peer opens, including those that wait already. A handler that
   * throws or rejects closes its own session with code 1. A warning tells of it, unless the session had ended and the
   * handler let that error through.
   *
   * @returns a function that removes the handler
   *
   * @example
   * node.onSession(session => {
   *   session.onStream(async stream => console.log(await stream.readAll({ maxBytes: 65_536 })))
   * })
   */
  onSession(handler: (session: Session<S>) => unknown): () => void

  /**
   * Lets no further session in (dialers get `STT_BUSY`) and resolves when the sessions that peers have opened are over.
   * Sessions that this node dialed, and `connect`, go on. Call `close` afterwards.
   */
  drain(options?: DrainOptions): Promise<void>

  /**
   * Replaces the seeds, in the form that the option `seeds` has: the first that is valid dials, all of them are answered.
   * Sessions, and handshakes that have begun, keep the seed that they began with.
   *
   * @throws SttError `STT_INVALID_ARGUMENT`, and the seeds stay as they were; `STT_CLOSED`
   */
  setSeeds(seeds: readonly (Seed | DatedSeed)[]): void

  /**
   * Refuses the node with this id from the call on, also in handshakes under way, and closes its sessions.
   *
   * Rejects with `STT_UNSUPPORTED` where every holder of the seed is let in, since a revoked node would come back under
   * a new id; with `STT_TRUST_STORE` where the store failed: the id then stays refused until this node ends.
   */
  revoke(id: NodeId): Promise<void>

  /** A snapshot of the node's counters. */
  getStatistics(): NodeStatistics

  /** Delivers what was written, within the deadline, then closes every session and every listener. */
  close(): Promise<void>

  /** Closes the node, as `close` does. */
  [Symbol.asyncDispose](): Promise<void>
}
