import type { SentPacket } from './sent-packet.ts'

/**
 * Loss recovery of one path over a lossy link. It holds no clock: every call says what time it is, in milliseconds.
 *
 * The session calls `onPacketSent` for each packet that is in flight (every ack-eliciting one), in ascending order of
 * number, and drains `deadline` after every other call.
 */
export interface LossRecovery {
  readonly rtt: RttEstimate

  /** Whether and when a packet may leave. */
  readonly congestion: CongestionControl

  /** Largest packet, in bytes, that the path is believed to carry. */
  readonly packetSize: number

  /**
   * Bytes of a packet of PING and PADDING to send now, larger than `packetSize`, to learn whether the path carries
   * it; 0 when there is nothing to learn. It leaves when `congestion.canSend` permits that size, and nobody waits for it.
   */
  sizeProbe(now: number): number

  /** Packets that must go out as probes whatever congestion control says. The session sends one and calls `onPacketSent`. */
  readonly probesWanted: number

  /** How often the probe timer has fired since anything was acknowledged. */
  readonly probesInARow: number

  onPacketSent(packet: SentPacket, now: number): void

  /**
   * An ACK arrived that acknowledges packets for the first time.
   *
   * @param acknowledged newly acknowledged packets of this path, in ascending order of number; `lost` is still set on
   *   one that had been declared lost: that loss was spurious
   * @param timedFrom when the packet of the ACK's largest number was sent, where that is acknowledged for the first time:
   *   only then is it an RTT sample. It may be one that asked for no ACK, and so is not among them
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

  /** When `onTime` is due; `Infinity` when nothing is outstanding. */
  readonly deadline: number

  /** The time of `deadline` has come: declares losses into `lost`, or asks for probes. Too early a call does nothing. */
  onTime(lost: SentPacket[], now: number): void

  /**
   * The program stood still until `now`: what arrives next has waited in the socket, so the round trips of packets
   * sent before say nothing of the path.
   */
  onStall(now: number): void

  /** Probe timeout in milliseconds without backoff: what key retention and closing are measured in. */
  readonly probeTimeout: number

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

  /** The application had nothing more to send though the window allowed it: the window must not grow on what follows. */
  onApplicationLimited(): void
}

/** Round-trip time of a path as RFC 9002 §5 estimates it. Milliseconds throughout. */
export interface RttEstimate {
  /** Whether a sample has been taken: before that every figure is a guess. */
  readonly known: boolean
  readonly latest: number
  /** `Infinity` before the first sample. */
  readonly min: number
  /** 0 before the first sample. */
  readonly smoothed: number
  readonly variation: number
  /** Probe timeout without backoff. @param maxAckDelay what the peer may wait before it acknowledges */
  probeTimeout(maxAckDelay: number): number
}

/** Sizes in bytes, times in milliseconds, counts since the path began. */
export interface PathStatistics {
  readonly smoothedRtt: number
  readonly minRtt: number
  readonly congestionWindow: number
  readonly bytesInFlight: number
  /** Bytes a second that pacing allows; `Infinity` where it sets no bound. */
  readonly pacingRate: number
  readonly maxDatagramSize: number
  readonly packetsLost: number
  readonly packetsSpuriouslyLost: number
  readonly probesSent: number
}
