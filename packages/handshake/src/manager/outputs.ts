import type { SttError } from '@stt/errors'
import type { Output } from '@stt/frame'
import type { Origin } from '../origin.ts'
import type { HandshakeResult, VerifiedPeer } from '../result.ts'
import type { HelloLimit } from './load-limits.ts'
import type { ManagerDropReason } from './manager-drop-reason.ts'

/** One handshake as the manager's user sees it: what `decide`, `confirm` and `cancel` take, and events name. */
export interface HandshakeRun<O extends Origin = Origin> {
  /** Whether this side dialed. */
  readonly role: 'initiator' | 'responder'
  /** The address that was dialed, or that HELLO came from. */
  readonly origin: O
  /** Own connection id, 8 bytes; of a dial that a RETRY started again, the newest. */
  readonly localCid: Uint8Array
  /** Which of the manager's seeds it runs under: the place in the list, as it was when the run began. */
  readonly seedIndex: number
  /** `deciding`: the peer has proved itself and waits for `decide`. */
  readonly state: 'pending' | 'deciding' | 'complete' | 'failed'
  /** Whether the peer has answered. For a dial: its RESPONSE was accepted, and it may know who dials. */
  readonly answered: boolean
}

/** A listener's answer to a peer that has proved its id. */
export type Decision = 'accept' | 'refuse' | 'busy'

export type HandshakeEvent<O extends Origin = Origin> =
  /** A session can begin. `packets` came before FINAL, oldest first, and are for the session now. */
  | {
      readonly type: 'session'
      readonly run: HandshakeRun<O>
      readonly result: HandshakeResult
      readonly packets: readonly Uint8Array[]
    }
  /** A peer has proved itself to this listener and waits: answer with `decide`. */
  | { readonly type: 'authorize'; readonly run: HandshakeRun<O>; readonly peer: VerifiedPeer }
  /** A dial failed. */
  | { readonly type: 'failed'; readonly run: HandshakeRun<O>; readonly error: SttError }
  /**
   * A HELLO with the right mac1 waits for its turn, until `until` at most: the other end of its link holds the seed. It may
   * be the last event, as when that seed has expired by then.
   */
  | { readonly type: 'waiting'; readonly origin: O; readonly until: number }
  /** A HELLO with the right mac1 found no place to wait, or waited too long: close its link. The peer may come back. */
  | { readonly type: 'overloaded'; readonly origin: O; readonly limit: HelloLimit }
  /** A session that this listener began got no verified packet in time: drop it. */
  | { readonly type: 'unconfirmed'; readonly run: HandshakeRun<O>; readonly result: HandshakeResult }

/** The answer of `poll`: a message to send, an event, or the time at which to poll again. */
export type HandshakeOutput<O extends Origin = Origin> = Output<HandshakeEvent<O>, O>

/** The manager, as its runs see it. */
export interface RunContext<O extends Origin> {
  transmit(packet: Uint8Array, to: O): void
  emit(event: HandshakeEvent<O>): void
  drop(reason: ManagerDropReason): void
}
