import type { ManagerDropReason } from '@stt/handshake'
import type { CloseReason, PacketObserver } from '@stt/session'
import type { PunchRound } from '../punch/session-puncher.ts'

/** A session as its watcher sees it. */
export interface ObservedSession {
  /** 16 bytes, the same at both ends. */
  readonly id: Uint8Array
  readonly peerId: Uint8Array
  readonly role: 'initiator' | 'responder'
  readonly address: string
  /** Connection ids, 8 bytes each, as every packet has them in the open. */
  readonly localCid: Uint8Array
  readonly remoteCid: Uint8Array
  /** The path as it is now, where it has a controller. */
  readonly metrics: () => SessionMetrics
}

/** Sizes in bytes, times in milliseconds. */
export interface SessionMetrics {
  readonly rtt: number
  readonly minRtt?: number | undefined
  readonly congestionWindow?: number | undefined
  readonly bytesInFlight?: number | undefined
  readonly packetsInFlight: number
}

/** Watches one session. What is left out costs nothing. */
export interface SessionWatcher extends PacketObserver {
  /** Both directions have moved to the keys of `epoch`. */
  onEpoch(epoch: number, now: number): void
  /** The peer has moved, and proved it. */
  onPath(from: string, to: string, now: number): void
  /** A round of hole punching is over. */
  onPunched(round: PunchRound): void
  onLinkEnded(address: string, cause: Error | undefined, now: number): void
  onEnded(reason: CloseReason, now: number): void
}

/**
 * Watches a node, in place of a log: facts that a program's operator may see, with no key, seed or payload among them.
 * It is called inside of what it is about: it must neither throw nor call back. A page has none.
 */
export interface NodeWatcher {
  onListening(address: string): void
  /** A handshake's message was ignored. */
  onHandshakeDropped(address: string, reason: ManagerDropReason, size: number): void
  /** A peer that had proved itself was told no, or to come back. */
  onHandshakeRefused(address: string, peerId: Uint8Array, verdict: 'refuse' | 'busy'): void
  /** One attempt at one address came to nothing. */
  onDialFailed(address: string, error: unknown): void
  /** A packet came that belongs to no session. */
  onStrayPacket(address: string, size: number, answered: boolean): void
  onSession(session: ObservedSession, now: number): SessionWatcher | undefined
}
