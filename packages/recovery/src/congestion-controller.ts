/** The part of an ACK that concerns a congestion controller. Times are in milliseconds. */
export interface AcknowledgedBytes {
  /** Newly acknowledged bytes of packets sent after the last congestion event began. */
  readonly bytes: number
  /** When the newest of those packets was sent. */
  readonly sentAt: number
  /** Whether the application left room in the window: then the window must not grow. */
  readonly applicationLimited: boolean
  /** Smoothed round-trip time. */
  readonly smoothedRtt: number
  /** Latest sample of the round-trip time. */
  readonly latestRtt: number
}

/**
 * Decides how much may be in flight. A controller is told of acknowledgements and of congestion events. Its caller decides
 * which packets count, and when an event begins (RFC 9002 §7).
 */
export interface CongestionController {
  /** Bytes that may be in flight. */
  readonly window: number
  /** Whether the window still grows by as much as is acknowledged. */
  readonly inSlowStart: boolean
  /** An ACK arrived. */
  onAcknowledged(acknowledged: AcknowledgedBytes, now: number): void
  /** A congestion event begins: a packet was lost that was sent after the last event began. */
  onCongestion(): void
  /** The last event was spurious: all of its packets arrived. Called at most once for an event. */
  undoCongestion(): void
  /** Every packet was lost for so long that the estimate of the path is worthless (RFC 9002 §7.6). */
  onPersistentCongestion(): void
  /** The path carries datagrams of another size now. */
  setMaxDatagramSize(size: number): void
}

/** Makes the controller of a new path, for datagrams of this size in bytes. */
export type CongestionControllerFactory = (maxDatagramSize: number) => CongestionController

/** RFC 9002 §7.2. */
// spec: STT-REC-11
export const initialWindow = (maxDatagramSize: number): number =>
  Math.min(10 * maxDatagramSize, Math.max(2 * maxDatagramSize, 14_720))

// spec: STT-REC-12
export const minimumWindow = (maxDatagramSize: number): number => 2 * maxDatagramSize
