/** What the arrival of an ACK tells a congestion controller. Bytes and milliseconds. */
export interface AcknowledgedBytes {
  /** Newly acknowledged bytes of packets sent after the last congestion event began. */
  readonly bytes: number
  /** When the newest of those packets was sent. */
  readonly sentAt: number
  /** Whether the application left room in the window: then it must not grow. */
  readonly applicationLimited: boolean
  /** Smoothed and latest round-trip time. */
  readonly smoothedRtt: number
  readonly latestRtt: number
}

/**
 * How much may be in flight. A controller sees acknowledgements and congestion events; which packets count and when
 * an event begins is decided before it is called (RFC 9002 §7).
 */
export interface CongestionController {
  /** Bytes that may be in flight. */
  readonly window: number
  readonly inSlowStart: boolean
  onAcknowledged(acknowledged: AcknowledgedBytes, now: number): void
  /** A congestion event begins: packets were lost that were sent since the last one began. */
  onCongestion(): void
  /** The last event was none: all of its losses arrived after all. Called at most once for an event. */
  undoCongestion(): void
  /** Nothing at all got through for so long that the estimate of the path is worthless (RFC 9002 §7.6). */
  onPersistentCongestion(): void
  /** The path carries datagrams of another size now. */
  setMaxDatagramSize(size: number): void
}

export type CongestionControllerFactory = (maxDatagramSize: number) => CongestionController

/** RFC 9002 §7.2. */
// spec: STT-REC-11
export const initialWindow = (maxDatagramSize: number): number =>
  Math.min(10 * maxDatagramSize, Math.max(2 * maxDatagramSize, 14_720))

// spec: STT-REC-12
export const minimumWindow = (maxDatagramSize: number): number => 2 * maxDatagramSize
