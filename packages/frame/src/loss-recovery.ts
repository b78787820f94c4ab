import type { SentPacket } from './sent-packet.ts'

/**
 * Loss recovery of one path over a lossy link. It has no clock: every call says what time it is, in milliseconds.
 *
 * The session calls `onPacketSent` for each packet that is in flight, which is each one that asks for an acknowledgement,
 * in ascending order of number. It reads `deadline` again after every call.
 */
export interface LossRecovery {
  /** The round-trip time of the path. */
  readonly rtt: RttEstimate

  /** Whether and when a packet may leave. */
  readonly congestion: CongestionControl

  /** Bytes of the largest packet that the path is believed to carry. */
  readonly packetSize: number

  /**
   * Bytes of a packet of PING and PADDING to send now, larger than `packetSize`, to learn whether the path carries it; 0
   * when there is nothing to learn. It leaves when `congestion.canSend` permits that size; nothing else waits for it.
   */
  sizeProbe(now: number): number

  /** Packets to send as probes, whatever congestion control says. Each `onPacketSent` counts one of them down. */
  readonly probesWanted: number

  /** How often the probe timer has fired since the last acknowledgement. */
  readonly probesInARow: number

  /** A packet was sent that asks for an acknowledgement. */
  onPacketSent(packet: SentPacket, now: number): void

  /**
   * An ACK arrived that acknowledges packets for the first time.
   *
   * @param acknowledged the newly acknowledged packets of this path, in ascending order of number. A packet whose `lost`
   *   is set was declared lost: that loss was spurious
   * @param timedFrom when the packet with the largest number of the ACK was sent, if that number is acknowledged for the
   *   first time: only then the ACK is a sample of the round-trip time. The packet may have asked for no ACK, and is then
   *   not among `acknowledged`
   * @param ackDelay milliseconds that the peer says it waited, already capped at the peer's maximum
   * @param lost takes the packets that are now declared lost, with `lost` set
   */
  onAcknowledged(
    acknowledged: readonly SentPacket[],
    timedFrom: number | undefined,
    ackDelay: number,
    lost: SentPacket[],
    now: number,
  ): void

  /** When `onTime` is due; `Infinity` while no packet is outstanding. */
  readonly deadline: number

  /** The time of `deadline` has come: declares losses into `lost`, or asks for probes. A call that is too early does nothing. */
  onTime(lost: SentPacket[], now: number): void

  /**
   * The program stood still until `now`. What arrives next has waited in the socket, so the round trips of packets sent
   * before `now` do not count.
   */
  onStall(now: number): void

  /** Probe timeout in milliseconds, without backoff: the unit of key retention and of closing. */
  readonly probeTimeout: number

  /** The state of the path now. */
  getStatistics(): PathStatistics
}

/** Congestion control and pacing of one path: what may leave, and when. */
export interface CongestionControl {
  /** Whether a packet of `size` bytes may leave now, by congestion window and pacing. */
  canSend(size: number, now: number): boolean

  /**
   * When `canSend` may turn true by the passing of time alone; `Infinity` when only an acknowledgement can do that.
   * Meaningful right after `canSend` answered false.
   */
  deadline(now: number): number

  /** The application had no more to send although the window allowed it: what follows must not make the window grow. */
  onApplicationLimited(): void
}

/** Round-trip time of a path as RFC 9002 §5 estimates it. Milliseconds throughout. */
export interface RttEstimate {
  /** Whether there was a sample: before that all figures are guesses. */
  readonly known: boolean
  /** The last sample; 0 before the first. */
  readonly latest: number
  /** The smallest sample; `Infinity` before the first. */
  readonly min: number
  /** The smoothed round-trip time; 0 before the first sample. */
  readonly smoothed: number
  /** The mean deviation from the smoothed round-trip time; 0 before the first sample. */
  readonly variation: number
  /**
   * Probe timeout, without backoff.
   *
   * @param maxAckDelay how long the peer may wait before it acknowledges
   */
  probeTimeout(maxAckDelay: number): number
}

/** One path at one moment. Counts are since the path began. */
export interface PathStatistics {
  /** Milliseconds; 0 before the first sample. */
  readonly smoothedRtt: number
  /** Milliseconds; `Infinity` before the first sample. */
  readonly minRtt: number
  /** Bytes that may be in flight. */
  readonly congestionWindow: number
  /** Bytes that are in flight. */
  readonly bytesInFlight: number
  /** Bytes a second that pacing allows; `Infinity` while it sets no bound. */
  readonly pacingRate: number
  /** Bytes of the largest datagram that the path is believed to carry. */
  readonly maxDatagramSize: number
  /** Packets declared lost. */
  readonly packetsLost: number
  /** Packets declared lost whose acknowledgement came after all. */
  readonly packetsSpuriouslyLost: number
  /** Probes sent because the probe timer fired. */
  readonly probesSent: number
}
