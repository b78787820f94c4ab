import { type Link, PACKET_OVERHEAD } from '@stt/frame'
import type { PathController } from './path-controller.ts'
import { RttEstimator } from './rtt.ts'

/** A link with what is known of its path. */
export interface Path {
  readonly link: Link
  /** Set on a datagram link: who finds losses and paces. On a message link nothing is lost. */
  readonly controller: PathController | undefined
  readonly rtt: RttEstimator
  /** The link took a packet and asked for no more until it has drained. */
  blocked: boolean
}

export const createPath = (link: Link, controller?: PathController): Path => ({
  link,
  controller,
  rtt: controller?.rtt ?? new RttEstimator(),
  blocked: false,
})

/**
 * Probe timeout of a path, without backoff, in milliseconds: what closing, keys and challenges wait by. The peer's ACKs
 * make it, and one that it held back makes it as long as it likes; here it counts for three seconds at most.
 */
// spec: STT-PKT-42
export const probeTimeoutOf = (path: Path | undefined): number => {
  if (!path) return UNKNOWN_PATH.probeTimeout(0)
  const timeout = path.controller?.probeTimeout ?? path.rtt.probeTimeout(maxAckDelay(path.link))
  return Math.min(timeout, MAX_PROBE_TIMEOUT)
}

/** Bytes of the largest packet that the path takes now. */
export const packetLimit = ({ link, controller }: Path): number =>
  Math.min(link.maxPacketSize, controller?.maxDatagramSize ?? MAX_PACKET_SIZE, MAX_PACKET_SIZE)

/** Bytes of the largest datagram whose frame a packet of the path holds now. */
export const datagramRoom = (path: Path): number => packetLimit(path) - PACKET_OVERHEAD - DATAGRAM_FRAME_OVERHEAD

/** What a sender allows for the peer's delay in acknowledging, by kind of link, in milliseconds. */
// spec: STT-PKT-16
export const maxAckDelay = (link: Link): number => (link.kind === 'datagram' ? 25 : 100)

/** Bytes of the largest packet on any link. */
export const MAX_PACKET_SIZE = 65_535

const MAX_PROBE_TIMEOUT = 3_000

/** A type byte and a length of at most four. */
const DATAGRAM_FRAME_OVERHEAD = 5

const UNKNOWN_PATH = new RttEstimator()
