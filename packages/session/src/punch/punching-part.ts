import type { Entropy } from '@stt/crypto'
import type { ByteReader, Candidate, Link, SentFrame } from '@stt/frame'
import type { PathPacket } from '../path/path-probes.ts'
import type { SessionEvent } from '../session-events.ts'

/** An address of the peer that holes are punched for. */
export interface PunchTarget {
  /** The link that leads there. */
  readonly link: Link
  /**
   * The same way, for one packet that gets far enough to open this side's NAT, but not as far as the peer's NAT, which might
   * block this side's port otherwise. Undefined if no NAT is between.
   */
  readonly opener?: Link | undefined
  /** One of `Tier`. */
  readonly tier: number
}

/** The session, as hole punching sees it. */
export interface PunchHost {
  readonly role: 'initiator' | 'responder'
  /** Random bytes for challenges. */
  readonly entropy: Entropy
  /** Queues an event for `poll`. */
  readonly emit: (event: SessionEvent) => void
  /** Smoothed round-trip time of the active path, in milliseconds; 0 before the first measurement. */
  readonly roundTrip: () => number
  /** The peer answered over a link, which the session may add. */
  readonly onAnswered: (target: PunchTarget, now: number) => void
}

/** Finds direct ways to the peer with its help. Poll the session after each call. */
export interface Punching {
  /** Tells the peer the addresses where this side may be reached. Responders only. */
  tellAddresses(candidates: readonly Candidate[]): void
  /** Tells the peer the address that its packets come from. */
  tellObserved(candidate: Candidate): void
  /**
   * Begins a round. Initiators only.
   *
   * @param candidates addresses that this side sends from
   * @param targets addresses of the peer
   * @param allowStranger asked once for each address that packets of the peer come from and that is no target: whether nine
   *   packets may be sent there
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

/** Hole punching as a part of a session. */
export interface PunchingPart extends Punching {
  /** Whether a frame waits to be sent. */
  readonly isPending: boolean
  /** When `next` has a packet without another call. */
  readonly deadline: number
  /** The next packet that is due. */
  next(now: number): PathPacket | undefined
  /** A PATH_RESPONSE that answers no path of the session arrived over `link`. */
  onResponse(data: Uint8Array, link: Link, now: number): void
  /** A packet verified that came over a link that the session does not have. */
  onStranger(link: Link, now: number): void
  /** Writes as many waiting frames as fit up to `limit`. @returns the offset after them */
  write(buffer: Uint8Array, offset: number, limit: number, sent: SentFrame[]): number
  /**
   * Reads a frame of hole punching.
   *
   * @param now undefined if the frame is not to be acted on
   * @returns whether it is a frame of hole punching
   * @throws ProtocolError
   */
  read(type: number, reader: ByteReader, now: number | undefined): boolean
  onAcknowledged(frame: SentFrame, now: number): void
  /** @returns whether the frame waits to be sent again */
  onLost(frame: SentFrame): boolean
}

/** Hole punching for sessions, which a program that does not pass it need not load. `punchHoles` is the only one. */
export class PunchingPlugin {
  readonly #create: (host: PunchHost) => PunchingPart

  /** @internal */
  constructor(create: (host: PunchHost) => PunchingPart) {
    this.#create = create
  }

  /** @internal Makes the hole punching of one session. */
  create(host: PunchHost): PunchingPart {
    return this.#create(host)
  }
}
