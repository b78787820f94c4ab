import type { CryptoProvider, Entropy } from '@stt/crypto'
import type { Link, TransportLimits } from '@stt/frame'
import type { HandshakeResult, HandshakeRun } from '@stt/handshake'
import type { Value } from '@stt/serialize'
import type { PunchingPlugin } from '@stt/session'
import type { StreamEngine } from '@stt/stream'
import type { Session } from '../api/session.ts'
import type { Dialer } from '../dial/dialer.ts'
import type { NetworkWatch } from '../network/network-watch.ts'
import type { NodeWatcher } from '../observe/observer.ts'
import type { NodeLimits } from '../options/node-limits.ts'
import type { CheckedPaths } from '../options/path-options.ts'
import type { SessionGate } from '../peers/session-gate.ts'
import type { Puncher } from '../punch/puncher.ts'
import type { Dialed } from '../session/path-keeper.ts'
import type { SessionHandle } from '../session/session-core.ts'
import type { StreamCore, StreamHandle } from '../stream/stream-core.ts'
import type { StreamOwner } from '../stream/stream-owner.ts'
import type { Clock } from '../time/clock.ts'
import type { Guard } from '../time/guard.ts'
import type { Endpoint } from './endpoint.ts'
import type { Handshakes } from './handshakes.ts'
import type { MemoryBudget } from './memory-budget.ts'

/** The parts of a node that its handshakes and sessions share. */
export interface NodeContext<S extends StreamCore = StreamCore> {
  readonly clock: Clock
  readonly entropy: Entropy
  readonly provider: CryptoProvider
  readonly limits: NodeLimits
  readonly transportLimits: TransportLimits
  readonly metadata: Value | undefined
  readonly keepAlive: number | false
  readonly gate: SessionGate
  readonly handshakes: Handshakes
  readonly endpoint: Endpoint<S>
  readonly watcher: NodeWatcher | undefined
  readonly memory: MemoryBudget
  /** Tells sessions that this machine may be in another network. */
  readonly network: NetworkWatch
  /** Opens links for sessions that this node dialed. */
  readonly dialer: Dialer
  readonly paths: CheckedPaths
  /** Punches holes for sessions that have agreed to it. */
  readonly punching: { readonly plugin: PunchingPlugin; readonly puncher: Puncher } | undefined
  /** For sessions that peers dialed; undefined where the node cannot be dialed. */
  readonly follow: object | undefined
  /** Goes around whatever a socket, a link or a timer calls. */
  readonly guard: Guard
  /** Makes the session of a finished handshake and sets it going. */
  readonly open: (
    result: HandshakeResult,
    run: HandshakeRun,
    link: Link,
    packets: readonly Uint8Array[],
    dialed?: Dialed,
  ) => SessionHandle<S>
  /**
   * Gives a link that another attempt of a dial had opened to the session that was faster.
   *
   * @returns whether that has a use for it
   */
  handOver(link: Link, dialed: Dialed, winner: Session<S>): boolean
  /** Tells the application of a session that a peer opened. */
  announce(handle: SessionHandle<S>): void
  /** Makes the platform's form of a stream. */
  readonly createStream: (engine: StreamEngine, owner: StreamOwner) => StreamHandle<S>
  /** Tells the operator of a defect in the application that nothing else reports. */
  readonly warn: (error: Error) => void
}
