import type { CongestionControl, RttEstimate, SentPacket } from '@stt/frame'
import type { CongestionController } from './congestion-controller.ts'
import type { Loss, LossDetector } from './loss-detection.ts'
import { Pacer } from './pacer.ts'
import { PersistentCongestion } from './persistent-congestion.ts'

/** Congestion control of one path (RFC 9002 §7): which losses are one event, and when a packet may leave. */
export class PacedCongestion implements CongestionControl {
  readonly #controller: CongestionController
  readonly #detector: LossDetector
  readonly #rtt: RttEstimate
  readonly #pacer = new Pacer()
  readonly #persistent = new PersistentCongestion()
  /** Bytes, whatever the controller allows. */
  #mostInFlight = Number.POSITIVE_INFINITY
  #applicationLimited = false
  #blockedByWindow = false
  #blockedSize = 0
  #rttKnownSince = Number.POSITIVE_INFINITY
  /** Packets sent up to here belong to the last congestion event. */
  #recoveryStartedAt = Number.NEGATIVE_INFINITY
  /** When the last congestion event began. */
  #eventAt = Number.NEGATIVE_INFINITY
  /** When the event before it began: the last event is about the packets sent since then. */
  #eventBeforeAt = Number.NEGATIVE_INFINITY
  /** Losses of the last congestion event that have not turned out spurious. */
  #lossesOfEvent = 0

  constructor(controller: CongestionController, detector: LossDetector, rtt: RttEstimate) {
    this.#controller = controller
    this.#detector = detector
    this.#rtt = rtt
  }

  get window(): number {
    return Math.min(this.#controller.window, this.#mostInFlight)
  }

  get pacingRate(): number {
    return this.#pacer.rate
  }

  // spec: STT-REC-10
  canSend(size: number, now: number): boolean {
    this.#blockedByWindow = this.#detector.bytesInFlight + size > this.window
    if (!this.#blockedByWindow && this.#pacer.allows(size, now)) return true
    // A sender that window or pacing holds back is not limited by the application (RFC 9002 §7.8).
    this.#applicationLimited = false
    this.#blockedSize = size
    return false
  }

  deadline(now: number): number {
    return this.#blockedByWindow ? Number.POSITIVE_INFINITY : this.#pacer.deadline(this.#blockedSize, now)
  }

  onApplicationLimited(): void {
    this.#applicationLimited = true
  }

  onPacketSent(size: number, now: number): void {
    this.#pacer.onSent(size, now)
  }

  onRttSample(now: number): void {
    this.#rttKnownSince = Math.min(this.#rttKnownSince, now)
  }

  /** Whether what is in flight leaves half of the window unused. */
  get isHalfEmpty(): boolean {
    return 2 * this.#detector.bytesInFlight < this.#controller.window
  }

  /** Whether an acknowledgement of this packet may open the window: it was sent after the last event began. */
  // spec: STT-REC-13
  counts(packet: SentPacket): boolean {
    return packet.sentAt > this.#recoveryStartedAt
  }

  /** @param wasHalfEmpty what `isHalfEmpty` was before the ACK */
  onAcknowledged(bytes: number, sentAt: number, wasHalfEmpty: boolean, now: number): void {
    // An event that begins with this very ACK covers everything that the ACK acknowledges.
    if (bytes === 0 || now <= this.#recoveryStartedAt) return
    const { smoothed: smoothedRtt, latest: latestRtt } = this.#rtt
    // spec: STT-REC-16
    const applicationLimited = this.#applicationLimited || wasHalfEmpty
    this.#controller.onAcknowledged({ bytes, sentAt, applicationLimited, smoothedRtt, latestRtt }, now)
  }

  /** @param probeTimeout of the path: the unit of the time without an arrival after which its estimate is worthless */
  onLosses(losses: readonly Loss[], probeTimeout: number, now: number): void {
    if (losses.at(-1)!.packet.sentAt > this.#recoveryStartedAt) {
      this.#recoveryStartedAt = now
      this.#eventBeforeAt = this.#eventAt
      this.#eventAt = now
      this.#lossesOfEvent = 0
      this.#controller.onCongestion()
    }
    for (const { packet } of losses) if (packet.sentAt > this.#eventBeforeAt) this.#lossesOfEvent++
    const duration = probeTimeout * PERSISTENT_CONGESTION_THRESHOLD
    if (this.#persistent.detect(losses, duration, this.#rttKnownSince)) {
      this.#recoveryStartedAt = Number.NEGATIVE_INFINITY
      this.#lossesOfEvent = 0
      this.#controller.onPersistentCongestion()
    }
  }

  // spec: STT-REC-15
  onSpuriousLoss(packet: SentPacket): void {
    this.#persistent.reset()
    if (packet.sentAt <= this.#eventBeforeAt || this.#lossesOfEvent === 0) return
    if (--this.#lossesOfEvent === 0) {
      this.#recoveryStartedAt = Number.NEGATIVE_INFINITY
      this.#eventAt = this.#eventBeforeAt
      this.#controller.undoCongestion()
    }
  }

  setPacketSize(size: number): void {
    this.#mostInFlight = size > LARGEST_FRAME ? MOST_ON_LOOPBACK * size : Number.POSITIVE_INFINITY
    this.#controller.setMaxDatagramSize(size)
  }

  /** To be called when the window or the round-trip time may have changed. */
  updatePacing(packetSize: number, now: number): void {
    if (!this.#rtt.known) return
    const { window, inSlowStart } = this.#controller
    this.#pacer.update(window, Math.max(this.#rtt.smoothed, MIN_PACING_RTT), inSlowStart, packetSize, now)
  }
}

const PERSISTENT_CONGESTION_THRESHOLD = 3
/** Bytes of the largest frame on a wire: only loopback carries larger datagrams. */
const LARGEST_FRAME = 9_216
/**
 * Packets in flight on loopback. Its round trip is so short that this slows no sender, and there is no network whose limit
 * could be found: without it the window grows until the peer's socket buffer (8 MiB where the system allows it) overflows.
 */
const MOST_ON_LOOPBACK = 96
/** Keeps the pacing rate finite where clock and path are faster than the clock's resolution. */
const MIN_PACING_RTT = 0.01
