import type { Entropy } from '@stt/crypto'
import type { ByteReader, Candidate, Link, SentFrame } from '@stt/frame'
import type { PathPacket } from '../path/path-probes.ts'
import type { SessionEvent } from '../session-events.ts'

/** An address of the peer that holes are punched for. */
export interface PunchTarget {
  /** What carries packets there. */
  readonly link: Link
  /**
   * The same way, for one packet that comes far enough to open this side's NAT and not as far as the peer's, which would
   * else shut the peer's port to it. Undefined where no NAT is between.
   */
  readonly opener?: Link | undefined
  /** One of `Tier`. */
  readonly tier: number
}

export interface PunchHost {
  readonly role: 'initiator' | 'responder'
  readonly entropy: Entropy
  readonly emit: (event: SessionEvent) => void
  /** Smoothed round-trip time of the path in use, in milliseconds; 0 where none was measured. */
  readonly roundTrip: () => number
  /** The peer answers over a link: it may be one of the session's. */
  readonly onAnswered: (target: PunchTarget, now: number) => void
}

/** Finds direct ways to the peer with its help: what whoever drives a session asks of it. Poll the session after each call. */
export interface Punching {
  /** Tells the peer where this side may be reached. Responders only. */
  tellAddresses(candidates: readonly Candidate[]): void
  /** Tells the peer where its packets come from. */
  tellObserved(candidate: Candidate): void
  /**
   * Begins a round. Initiators only.
   *
   * @param candidates where this side sends from
   * @param allowStranger whether nine packets may go to an address that was not named and that the peer's packets come from;
   *   asked once for each
   */
  begin(
    candidates: readonly Candidate[],
    targets: readonly PunchTarget[],
    allowStranger: () => boolean,
    now: number,
  ): void
  /** Takes part in the peer's round. Responders only. @param allowStranger as for `begin` */
  answer(targets: readonly PunchTarget[], allowStranger: () => boolean, now: number): void
}

/** The same as a part of a session. Only sessions that agreed on it have one. */
export interface PunchingPart extends Punching {
  /** Whether a frame waits to be sent. */
  readonly isPending: boolean
  /** When `next` has something by the passing of time alone. */
  readonly deadline: number
  /** The next packet that is due. */
  next(now: number): PathPacket | undefined
  /** What was asked may have come back over `link`. */
  onResponse(data: Uint8Array, link: Link, now: number): void
  /** A packet verified that came over a link which is none of the session's. */
  onStranger(link: Link, now: number): void
  /** Writes the frames that wait, up to `limit`. @returns the offset after them */
  write(buffer: Uint8Array, offset: number, limit: number, sent: SentFrame[]): number
  /**
   * Takes a frame from the reader.
   *
   * @param now undefined where frames mean nothing any more
   * @returns whether it is one of these
   * @throws ProtocolError
   */
  read(type: number, reader: ByteReader, now: number | undefined): boolean
  onAcknowledged(frame: SentFrame, now: number): void
  /** @returns whether the frame waits to be sent once more */
  onLost(frame: SentFrame): boolean
}

export type CreatePunching = (host: PunchHost) => PunchingPart
