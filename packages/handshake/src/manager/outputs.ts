import type { SttError } from '@stt/errors'
import type { DropReason } from '../drop-reason.ts'
import type { HandshakeResult, VerifiedPeer } from '../result.ts'
import type { HelloLimit } from './hello-gate.ts'

/** One handshake as the manager's user sees it: what `decide`, `confirm` and `cancel` take, and events name. */
export interface HandshakeRun {
  readonly role: 'initiator' | 'responder'
  readonly address: string
  /** Own connection id, 8 bytes; of a dial that a RETRY started again, the newest. */
  readonly localCid: Uint8Array
  /** Which of the manager's seeds it runs under: the place in the list, as it was when the run began. */
  readonly seedIndex: number
  /** `deciding`: the peer has proved itself and waits for `decide`. */
  readonly state: 'pending' | 'deciding' | 'complete' | 'failed'
  /** Whether the peer was heard of: of a dial, that its RESPONSE was accepted and it may know who dials. */
  readonly answered: boolean
}

/** What is decided of a peer that has proved who it is. */
export type Verdict = 'accept' | 'refuse' | 'busy'

export type HandshakeEvent =
  /** A session can begin. `packets` came before FINAL, oldest first, and are for the session now. */
  | {
      readonly type: 'session'
      readonly run: HandshakeRun
      readonly result: HandshakeResult
      readonly packets: readonly Uint8Array[]
    }
  /** A peer has proved itself to this listener and waits: answer with `decide`. */
  | { readonly type: 'authorize'; readonly run: HandshakeRun; readonly peer: VerifiedPeer }
  /** A dial came to nothing. */
  | { readonly type: 'failed'; readonly run: HandshakeRun; readonly error: SttError }
  /** A HELLO with the right mac1 waits for its turn: its link has proved that it leads to a holder of the seed. */
  | { readonly type: 'waiting'; readonly address: string }
  /** A HELLO with the right mac1 found no place to wait, or waited too long: its link is to be closed, and may come back. */
  | { readonly type: 'overloaded'; readonly address: string; readonly limit: HelloLimit }
  /** A session that this listener began got no verified packet in time: it is to be dropped. */
  | { readonly type: 'unconfirmed'; readonly run: HandshakeRun; readonly result: HandshakeResult }

/** What `poll` gives: something to send, something to know, or, when there is neither, when to poll again. */
export type HandshakeOutput =
  | { readonly transmit: Uint8Array; readonly address: string }
  | { readonly event: HandshakeEvent }
  /** Milliseconds; Infinity: not before the next input. */
  | { readonly timeout: number }

/** What runs do through their manager. */
export interface RunContext {
  transmit(bytes: Uint8Array, address: string): void
  emit(event: HandshakeEvent): void
  drop(reason: ManagerDropReason): void
}

/** Why a manager ignored something. Never sent to anybody; counted. */
export type ManagerDropReason =
  | DropReason
  /** A HELLO whose run is over, or was another address's: a recording. */
  | 'replayed'
  /** More proved HELLOs from one address prefix than its bucket allows. */
  | 'rateLimited'
  /** The table of pending handshakes is full. */
  | 'tableFull'
  /** The message names a connection id that no run has. */
  | 'unknownRun'
  /** A RETRY that does not answer the HELLO it names, or one too many. */
  | 'badRetry'
  /** AUTH_PROOF from another address than its HELLO's. */
  | 'wrongAddress'
  /** More packets around FINAL than are kept. */
  | 'tooManyPackets'
