import { type Link, type LossRecovery, PACKET_OVERHEAD, type RttEstimate } from '@stt/frame'
import { RttEstimator } from '@stt/recovery'
import { RelayedWindow } from './relayed-window.ts'

/** What a link is worth, best first: a session goes over the lowest that works. */
export const Tier = { Lan: 0, Datagram: 1, Message: 2, Relayed: 3 } as const

/** A link with what one session knows of it. */
export class Path {
  readonly link: Link
  /** Whether this side opened the link: then what it sends there needs no leave of whoever is at its end. */
  readonly isOwn: boolean
  /** One of `Tier`. */
  readonly tier: number
  /** Number of the JOIN that makes a message link one of the session's; 0 where none is needed. */
  readonly joinSerial: number
  /** Whether the peer's own packets came from there before it had asked anything there: its address has changed. */
  readonly isRebound: boolean
  /** Whether what was sent there came back from there, or the handshake ran over it: before that only PATH_* goes there. */
  validated = false
  /** Challenges in a row that were answered there. */
  answers = 0
  /** When one of them was answered last. */
  answeredAt: number = Number.NEGATIVE_INFINITY
  /** What challenges hold that wait for their answer, oldest first. */
  readonly challenges: Uint8Array[] = []
  /** Not before then another challenge goes there, in milliseconds. */
  nextChallengeAt: number = Number.NEGATIVE_INFINITY
  /** Bytes of verified packets from there, and of packets about the path that were sent there. */
  bytesIn = 0
  bytesOut = 0
  /** When a packet from there verified last, and when something that was sent there was acknowledged last. */
  receivedAt: number
  roundTripAt: number
  /** Something arrived since that roundtrip whose sender waits for an acknowledgement. */
  wasElicited = false
  /** Packets that were sent there and whose fate is open. */
  outstanding = 0
  /** Since when none of these has been acknowledged; `Infinity` where there are none. */
  unansweredSince: number = Number.POSITIVE_INFINITY
  /** Since when the session has gone over another path, while packets that were sent here are still out. */
  leftAt: number | undefined
  /** The link took a packet and asked for no more until it has drained. */
  blocked = false
  /** What may be on its way, where that is by a relay. */
  window: RelayedWindow | undefined
  #recovery: LossRecovery | undefined
  /** Where nothing is lost, round trips are measured here. */
  #ownRtt: RttEstimator | undefined

  constructor(
    link: Link,
    isOwn: boolean,
    now: number,
    tier: number = usualTier(link),
    joinSerial = 0,
    isRebound = false,
  ) {
    this.link = link
    this.isOwn = isOwn
    this.tier = tier
    this.joinSerial = joinSerial
    this.isRebound = isRebound
    this.receivedAt = this.roundTripAt = now
  }

  /** The session sends here from now on. What it learned of the path before is kept. */
  // spec: STT-REC-52 STT-PKT-37
  start(now: number): void {
    this.validated = true
    this.leftAt = undefined
    // A path that it comes back to is judged by what happens from now on.
    this.roundTripAt = now
    if (this.outstanding > 0) this.unansweredSince = now
    if (this.#recovery || this.#ownRtt) return
    this.#recovery = this.link.createRecovery()
    this.#ownRtt = this.#recovery ? undefined : new RttEstimator()
    this.window = !this.#recovery && this.tier === Tier.Relayed ? new RelayedWindow() : undefined
  }

  /** Nothing that was sent here is waited for any more, and round trips and congestion begin anew. */
  forget(): void {
    this.leftAt = undefined
    this.outstanding = 0
    this.unansweredSince = Number.POSITIVE_INFINITY
    this.#recovery = this.#ownRtt = this.window = undefined
  }

  /** What finds losses and paces; undefined where nothing is lost. */
  get recovery(): LossRecovery | undefined {
    return this.#recovery
  }

  get rtt(): RttEstimate {
    return this.#recovery?.rtt ?? this.#ownRtt ?? UNKNOWN
  }

  /** A round trip on a path that loses nothing, in milliseconds. */
  onRoundTrip(sample: number, ackDelay: number): void {
    this.#ownRtt?.update(sample, ackDelay)
  }

  onSent(now: number): void {
    this.outstanding++
    if (this.unansweredSince === Number.POSITIVE_INFINITY) this.unansweredSince = now
  }

  /** Something that was sent there was acknowledged: it works in both directions. */
  onAnswered(now: number): void {
    this.roundTripAt = now
    this.wasElicited = false
    this.unansweredSince = this.outstanding > 0 ? now : Number.POSITIVE_INFINITY
  }

  /** A packet's fate is known. */
  onSettled(): void {
    this.outstanding--
    if (this.outstanding === 0) this.unansweredSince = Number.POSITIVE_INFINITY
  }
}

/**
 * Probe timeout of a path, without backoff, in milliseconds: what closing, keys and challenges wait by. The peer's ACKs
 * make it, and one that it held back makes it as long as it likes; here it counts for three seconds at most.
 */
// spec: STT-PKT-42
export const probeTimeoutOf = (path: Path | undefined): number => {
  if (!path) return UNKNOWN.probeTimeout(0)
  const timeout = path.recovery?.probeTimeout ?? path.rtt.probeTimeout(maxAckDelay(path.link))
  return Math.min(timeout, MAX_PROBE_TIMEOUT)
}

/** Bytes of the largest packet that the path takes now. */
export const packetLimit = ({ link, recovery }: Path): number =>
  Math.min(link.maxPacketSize, recovery?.packetSize ?? MAX_PACKET_SIZE, MAX_PACKET_SIZE)

/** Bytes of the largest datagram whose frame a packet of the path holds now. */
export const datagramRoom = (path: Path): number => packetLimit(path) - PACKET_OVERHEAD - DATAGRAM_FRAME_OVERHEAD

/** What a sender allows for the peer's delay in acknowledging, in milliseconds. */
// spec: STT-PKT-16
export const maxAckDelay = (link: Link): number => (link.lossy ? 25 : 100)

const usualTier = (link: Link): number => (link.lossy ? Tier.Datagram : Tier.Message)

/** Bytes of the largest packet on any link. */
export const MAX_PACKET_SIZE = 65_535

const MAX_PROBE_TIMEOUT = 3_000

/** A type byte and a length of at most four. */
const DATAGRAM_FRAME_OVERHEAD = 5

const UNKNOWN: RttEstimate = new RttEstimator()
