import { type Link, type LossRecovery, PACKET_OVERHEAD, type RttEstimate } from '@stt/frame'
import { RttEstimator } from '@stt/recovery'

/** A link with what is known of its path. */
export interface Path {
  readonly link: Link
  /** What finds losses and paces; undefined where nothing is lost. */
  readonly recovery: LossRecovery | undefined
  /** Where nothing is lost, round trips are measured here. */
  readonly ownRtt: RttEstimator | undefined
  readonly rtt: RttEstimate
  /** The link took a packet and asked for no more until it has drained. */
  blocked: boolean
}

export function createPath(link: Link): Path {
  const recovery = link.createRecovery()
  const ownRtt = recovery ? undefined : new RttEstimator()
  return { link, recovery, ownRtt, rtt: recovery?.rtt ?? ownRtt!, blocked: false }
}

/**
 * Probe timeout of a path, without backoff, in milliseconds: what closing, keys and challenges wait by. The peer's ACKs
 * make it, and one that it held back makes it as long as it likes; here it counts for three seconds at most.
 */
// spec: STT-PKT-42
export const probeTimeoutOf = (path: Path | undefined): number => {
  if (!path) return UNKNOWN_PATH.probeTimeout(0)
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

const UNKNOWN_PATH = new RttEstimator()
