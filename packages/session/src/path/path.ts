import { type Link, type LossRecovery, PACKET_OVERHEAD, type RttEstimate } from '@stt/frame'
import { RttEstimator } from '@stt/recovery'

/** A link with what one session knows of it. */
export class Path {
  readonly link: Link
  /** Whether what was sent there came back from there, or the handshake ran over it: before that only PATH_* goes there. */
  validated = false
  /** Whether this side opened the link: then what it sends there needs no leave of whoever is at its end. */
  readonly isOwn: boolean
  /** What challenges hold that wait for their answer, oldest first. */
  readonly challenges: Uint8Array[] = []
  /** Not before then another challenge goes there, in milliseconds. */
  nextChallengeAt = 0
  /** Bytes of verified packets from there, and of packets about the path that were sent there. */
  bytesIn = 0
  bytesOut = 0
  /** The link took a packet and asked for no more until it has drained. */
  blocked = false
  #recovery: LossRecovery | undefined
  /** Where nothing is lost, round trips are measured here. */
  #ownRtt: RttEstimator | undefined

  constructor(link: Link, isOwn: boolean) {
    this.link = link
    this.isOwn = isOwn
  }

  /** The session sends here from now on: round trips and congestion begin anew. */
  start(): void {
    this.validated = true
    this.#recovery = this.link.createRecovery()
    this.#ownRtt = this.#recovery ? undefined : new RttEstimator()
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

/** Bytes of the largest packet on any link. */
export const MAX_PACKET_SIZE = 65_535

const MAX_PROBE_TIMEOUT = 3_000

/** A type byte and a length of at most four. */
const DATAGRAM_FRAME_OVERHEAD = 5

const UNKNOWN: RttEstimate = new RttEstimator()
