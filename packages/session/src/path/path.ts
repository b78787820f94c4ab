import { type Link, type LossRecovery, PACKET_OVERHEAD, type RttEstimate } from '@stt/frame'
import { RttEstimator } from '@stt/recovery'
import { RelayedWindow } from './relayed-window.ts'

/** How good a link is, best first: a session uses the lowest tier that works. */
export const Tier = {
  /** A datagram link in the local network. */
  Lan: 0,
  /** Any other datagram link. */
  Datagram: 1,
  /** A message link, such as a WebSocket. */
  Message: 2,
  /** A link through a relay. */
  Relayed: 3,
} as const

/** A link, and what a session knows about it. */
export class Path {
  readonly link: Link
  /** Whether this side opened the link: then it may send there without a limit before the peer has answered. */
  readonly isOwn: boolean
  /** One of `Tier`. */
  readonly tier: number
  /** Serial of the JOIN that adds a message link to the session; 0 where no JOIN is needed. */
  readonly joinSerial: number
  /** Whether data came from there before any challenge: then the peer's address has changed. */
  readonly isRebound: boolean
  /** Whether a challenge was answered there, or the handshake ran over it. Before that only PATH_* is sent there. */
  validated = false
  /** Challenges in a row that were answered there. */
  answers = 0
  /** When a challenge was answered last. */
  answeredAt: number = Number.NEGATIVE_INFINITY
  /** The data of challenges that wait for an answer, oldest first. */
  readonly challenges: Uint8Array[] = []
  /** When the next challenge may be sent there, in milliseconds. */
  nextChallengeAt: number = Number.NEGATIVE_INFINITY
  /** Bytes of verified packets from there. */
  bytesIn = 0
  /** Bytes of challenges and responses that were sent there. */
  bytesOut = 0
  /** When the last packet from there verified. */
  receivedAt: number
  /** When a packet that was sent there was last acknowledged. */
  roundTripAt: number
  /** Whether a packet that asks for an acknowledgement has arrived since. */
  wasElicited = false
  /** Packets sent there that are neither acknowledged nor lost. */
  outstanding = 0
  /** Since when none of these has been acknowledged; `Infinity` without any. */
  unansweredSince: number = Number.POSITIVE_INFINITY
  /** When the session left the path, as long as packets sent here are outstanding. */
  leftAt: number | undefined
  /** Whether the link is full, until it drains. */
  blocked = false
  /** How much may be under way through a relay; undefined for any other path. */
  window: RelayedWindow | undefined
  #recovery: LossRecovery | undefined
  /** Measures round trips on a lossless link. */
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

  /** The session sends here from now on. It keeps what it learned about the path before. */
  // spec: STT-REC-52 STT-PKT-37
  start(now: number): void {
    this.validated = true
    this.leftAt = undefined
    // If it comes back to a path, it judges that by what happens from now on.
    this.roundTripAt = now
    if (this.outstanding > 0) this.unansweredSince = now
    if (this.#recovery || this.#ownRtt) return
    this.#recovery = this.link.createRecovery()
    this.#ownRtt = this.#recovery ? undefined : new RttEstimator()
    this.window = !this.#recovery && this.tier === Tier.Relayed ? new RelayedWindow() : undefined
  }

  /** Stops waiting for packets that were sent here, and starts round trips and congestion anew. */
  forget(): void {
    this.leftAt = undefined
    this.outstanding = 0
    this.unansweredSince = Number.POSITIVE_INFINITY
    this.#recovery = this.#ownRtt = this.window = undefined
  }

  /** Finds losses and paces; undefined on a lossless link. */
  get recovery(): LossRecovery | undefined {
    return this.#recovery
  }

  /** Round-trip times of the path. */
  get rtt(): RttEstimate {
    return this.#recovery?.rtt ?? this.#ownRtt ?? UNKNOWN
  }

  /** A round trip on a lossless link, in milliseconds. */
  onRoundTrip(sample: number, ackDelay: number): void {
    this.#ownRtt?.update(sample, ackDelay)
  }

  onSent(now: number): void {
    this.outstanding++
    if (this.unansweredSince === Number.POSITIVE_INFINITY) this.unansweredSince = now
  }

  /** A packet sent there was acknowledged: the path works in both directions. */
  onAnswered(now: number): void {
    this.roundTripAt = now
    this.wasElicited = false
    this.unansweredSince = this.outstanding > 0 ? now : Number.POSITIVE_INFINITY
  }

  /** A packet was acknowledged or lost. */
  onSettled(): void {
    this.outstanding--
    if (this.outstanding === 0) this.unansweredSince = Number.POSITIVE_INFINITY
  }
}

/**
 * Probe timeout of a path, without backoff, in milliseconds: the unit of waits for closing, keys and challenges. It comes
 * from the peer's ACKs, and a peer that holds one back could make it as long as it likes: it counts as 3 s at most.
 */
// spec: STT-PKT-42
export const probeTimeoutOf = (path: Path | undefined): number => {
  if (!path) return UNKNOWN.probeTimeout(0)
  const timeout = path.recovery?.probeTimeout ?? path.rtt.probeTimeout(maxAckDelay(path.link))
  return Math.min(timeout, MAX_PROBE_TIMEOUT)
}

/** Bytes of the largest packet on the path now. */
export const packetLimit = ({ link, recovery }: Path): number =>
  Math.min(link.maxPacketSize, recovery?.packetSize ?? MAX_PACKET_SIZE, MAX_PACKET_SIZE)

/** Bytes of the largest datagram that fits into a packet on the path now. */
export const datagramRoom = (path: Path): number => packetLimit(path) - PACKET_OVERHEAD - DATAGRAM_FRAME_OVERHEAD

/** The longest time that a peer may delay an ACK, in milliseconds. */
// spec: STT-PKT-16
export const maxAckDelay = (link: Link): number => (link.lossy ? 25 : 100)

const usualTier = (link: Link): number => (link.lossy ? Tier.Datagram : Tier.Message)

/** Bytes of the largest packet on any link. */
export const MAX_PACKET_SIZE = 65_535

const MAX_PROBE_TIMEOUT = 3_000

/** A type byte and a length of at most four. */
const DATAGRAM_FRAME_OVERHEAD = 5

const UNKNOWN: RttEstimate = new RttEstimator()
