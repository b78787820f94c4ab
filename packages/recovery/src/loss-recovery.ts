import { checkInteger, checkOptions, checkType } from '@stt/errors'
import type { LossRecovery, PathStatistics, RttEstimate, SentPacket } from '@stt/frame'
import type { CongestionControllerFactory } from './congestion-controller.ts'
import { cubic } from './cubic.ts'
import { type Loss, LossDetector } from './loss-detection.ts'
import { PacedCongestion } from './paced-congestion.ts'
import { RttEstimator } from './rtt.ts'
import { SizeSearch } from './size-search.ts'

export interface LossRecoveryOptions {
  /** Bytes of the largest datagram that the path is known to carry. */
  readonly maxDatagramSize: number
  /** Bytes of the largest datagram to look for with probes (RFC 8899). Without it there are no probes. */
  readonly probeUpTo?: number
  /** The congestion controller; `cubic` by default. */
  readonly congestion?: CongestionControllerFactory
}

/**
 * Loss recovery, congestion control and pacing of one lossy path. No clock, no timer, no socket: RFC 9002 as arithmetic.
 *
 * @throws SttError `STT_INVALID_ARGUMENT` that names the option
 */
export function createLossRecovery(options: LossRecoveryOptions): LossRecovery {
  checkOptions(options ?? null, 'createLossRecovery', ['maxDatagramSize', 'probeUpTo', 'congestion'])
  checkInteger(options.maxDatagramSize, 'maxDatagramSize', 1, 65_535)
  if (options.probeUpTo !== undefined) checkInteger(options.probeUpTo, 'probeUpTo', 0, 65_535)
  if (options.congestion !== undefined) checkType(options.congestion, 'congestion', 'function')
  return new PathRecovery(options)
}

class PathRecovery implements LossRecovery {
  readonly #rtt = new RttEstimator()
  readonly #detector = new LossDetector()
  readonly #congestion: PacedCongestion
  readonly #found: Loss[] = []
  readonly #sizes: SizeSearch
  #probesWanted = 0
  #probeCount = 0
  #lastSentAt = 0
  #ignoreRttBefore = Number.NEGATIVE_INFINITY
  #packetsLost = 0
  #packetsSpuriouslyLost = 0
  #probesSent = 0

  constructor({ maxDatagramSize, probeUpTo = 0, congestion = cubic }: LossRecoveryOptions) {
    this.#sizes = new SizeSearch(maxDatagramSize, probeUpTo)
    this.#congestion = new PacedCongestion(congestion(maxDatagramSize), this.#detector, this.#rtt)
    this.#onSizeChanged()
  }

  get rtt(): RttEstimate {
    return this.#rtt
  }

  get congestion(): PacedCongestion {
    return this.#congestion
  }

  get packetSize(): number {
    return this.#sizes.size
  }

  sizeProbe(now: number): number {
    return this.#sizes.probeSize(now)
  }

  get probesWanted(): number {
    return this.#probesWanted
  }

  get probesInARow(): number {
    return this.#probeCount
  }

  onPacketSent(packet: SentPacket, now: number): void {
    if (this.#probesWanted > 0) {
      this.#probesWanted--
      this.#probesSent++
    }
    if (packet.size > this.#sizes.size) this.#sizes.onProbeSent(packet.size)
    this.#lastSentAt = now
    this.#detector.onSent(packet)
    this.#congestion.onPacketSent(packet.size, now)
  }

  onStall(now: number): void {
    this.#ignoreRttBefore = now
  }

  onAcknowledged(
    acknowledged: readonly SentPacket[],
    timedFrom: number | undefined,
    ackDelay: number,
    lost: SentPacket[],
    now: number,
  ): void {
    if (timedFrom !== undefined) this.#sampleRtt(timedFrom, ackDelay, now)

    const congestion = this.#congestion
    const wasHalfEmpty = congestion.isHalfEmpty
    let bytes = 0
    let sentAt = 0
    for (const packet of acknowledged) {
      if (!this.#detector.acknowledge(packet.packetNumber)) {
        if (packet.lost) this.#onSpuriousLoss(packet)
        continue
      }
      this.#learnSize(packet, now)
      if (!congestion.counts(packet)) continue
      bytes += packet.size
      sentAt = packet.sentAt
    }
    // spec: STT-REC-6
    this.#probeCount = 0
    this.#probesWanted = 0

    this.#detectLosses(lost, now)
    congestion.onAcknowledged(bytes, sentAt, wasHalfEmpty, now)
    congestion.updatePacing(this.#sizes.size, now)
  }

  get deadline(): number {
    if (this.#detector.lossTime < Number.POSITIVE_INFINITY) return this.#detector.lossTime
    if (this.#detector.packetsInFlight === 0) return Number.POSITIVE_INFINITY
    return this.#lastSentAt + this.#probeInterval
  }

  onTime(lost: SentPacket[], now: number): void {
    if (now < this.deadline) return
    if (this.#detector.lossTime < Number.POSITIVE_INFINITY) {
      this.#detectLosses(lost, now)
      this.#congestion.updatePacing(this.#sizes.size, now)
      return
    }
    // spec: STT-REC-5
    this.#probeCount++
    this.#probesWanted = PROBES
    // Every packet may be too large, the probes included: then no loss is ever detected.
    if (this.#probeCount >= BLACK_HOLE_TIMEOUTS && this.#sizes.fallBack(now)) this.#onSizeChanged()
  }

  get probeTimeout(): number {
    return this.#rtt.probeTimeout(MAX_ACK_DELAY)
  }

  getStatistics(): PathStatistics {
    return {
      smoothedRtt: this.#rtt.smoothed,
      minRtt: this.#rtt.min,
      congestionWindow: this.#congestion.window,
      bytesInFlight: this.#detector.bytesInFlight,
      pacingRate: this.#congestion.pacingRate,
      maxDatagramSize: this.#sizes.size,
      packetsLost: this.#packetsLost,
      packetsSpuriouslyLost: this.#packetsSpuriouslyLost,
      probesSent: this.#probesSent,
    }
  }

  /**
   * The probe timeout with its backoff. The backoff stops at two seconds: a session has 30 s to get one probe through. The
   * timeout itself stops at ten seconds, which is longer than any network takes: after the ACK of a peer that slept for a
   * minute it would be minutes.
   */
  // spec: STT-REC-4
  get #probeInterval(): number {
    const timeout = Math.min(this.probeTimeout, MAX_PROBE_TIMEOUT)
    return Math.min(timeout * 2 ** this.#probeCount, Math.max(timeout, MAX_PROBE_INTERVAL))
  }

  // spec: STT-REC-1
  #sampleRtt(sentAt: number, ackDelay: number, now: number): void {
    if (sentAt < this.#ignoreRttBefore) return
    this.#rtt.update(now - sentAt, ackDelay)
    this.#congestion.onRttSample(now)
  }

  #detectLosses(lost: SentPacket[], now: number): void {
    const found = this.#found
    this.#detector.detect(this.#rtt, found, now)
    if (found.length === 0) return
    let congested = 0
    for (const loss of found) {
      const { packet } = loss
      packet.lost = true
      lost.push(packet)
      // spec: STT-REC-32
      if (this.#sizes.isProbe(packet.size)) this.#sizes.onProbeLost(now)
      else found[congested++] = loss
    }
    this.#packetsLost += found.length
    found.length = congested
    if (congested > 0) this.#onLosses(found, now)
    found.length = 0
  }

  #onLosses(losses: readonly Loss[], now: number): void {
    this.#congestion.onLosses(losses, this.probeTimeout, now)
    for (const { packet } of losses) {
      if (this.#sizes.onLost(packet.size, packet.sentAt, this.probeTimeout, now)) this.#onSizeChanged()
    }
  }

  #learnSize({ size }: SentPacket, now: number): void {
    if (!this.#sizes.isProbe(size)) {
      this.#sizes.onAcknowledged(size)
      return
    }
    this.#sizes.onProbeAcknowledged(now)
    this.#onSizeChanged()
  }

  #onSizeChanged(): void {
    this.#congestion.setPacketSize(this.#sizes.size)
  }

  #onSpuriousLoss(packet: SentPacket): void {
    this.#packetsSpuriouslyLost++
    this.#congestion.onSpuriousLoss(packet)
  }
}

/** Milliseconds that a peer may hold an acknowledgement back on a lossy link. */
const MAX_ACK_DELAY = 25
const PROBES = 2
/** The size is no longer trusted when the timer fired this often without an acknowledgement. */
const BLACK_HOLE_TIMEOUTS = 3
const MAX_PROBE_INTERVAL = 2_000
const MAX_PROBE_TIMEOUT = 10_000
