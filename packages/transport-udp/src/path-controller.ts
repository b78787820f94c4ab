import { checkInteger, checkOptions, checkType } from '@stt/errors'
import { type PathController, type PathStatistics, RttEstimator, type SentPacket } from '@stt/session'
import type { CongestionController, CongestionControllerFactory } from './congestion.ts'
import { Cubic } from './cubic.ts'
import { type Loss, LossDetector } from './loss-detection.ts'
import { Pacer } from './pacer.ts'
import { PersistentCongestion } from './persistent-congestion.ts'
import { SizeSearch } from './size-search.ts'

export interface PathControllerOptions {
  /** Bytes of a datagram that the path is known to carry. */
  readonly maxDatagramSize: number
  /** Bytes of the largest datagram to look for with probes (RFC 8899); none is looked for unless given. */
  readonly probeUpTo?: number
  /** CUBIC unless given. */
  readonly congestion?: CongestionControllerFactory
}

/** Loss recovery, congestion control and pacing of a UDP path. No clock, no timer, no socket: RFC 9002 as arithmetic. */
export function createPathController(options: PathControllerOptions): UdpPathController {
  checkOptions(options ?? null, 'createPathController', ['maxDatagramSize', 'probeUpTo', 'congestion'])
  checkInteger(options.maxDatagramSize, 'maxDatagramSize', 1, 65_535)
  if (options.probeUpTo !== undefined) checkInteger(options.probeUpTo, 'probeUpTo', 0, 65_535)
  if (options.congestion !== undefined) checkType(options.congestion, 'congestion', 'function')
  return new UdpPathController(options)
}

export class UdpPathController implements PathController {
  readonly rtt: RttEstimator = new RttEstimator()
  readonly #detector = new LossDetector()
  readonly #congestion: CongestionController
  readonly #pacer = new Pacer()
  readonly #persistent = new PersistentCongestion()
  readonly #found: Loss[] = []
  readonly #sizes: SizeSearch
  #applicationLimited = false
  #blockedByWindow = false
  #blockedSize = 0
  #probesWanted = 0
  #probeCount = 0
  #lastSentAt = 0
  #rttKnownSince = Number.POSITIVE_INFINITY
  #ignoreRttBefore = Number.NEGATIVE_INFINITY
  /** Packets sent up to here belong to the last congestion event. */
  #recoveryStartedAt = Number.NEGATIVE_INFINITY
  /** When the last congestion event began, and the one before: packets sent in between are those it is about. */
  #eventAt = Number.NEGATIVE_INFINITY
  #eventBeforeAt = Number.NEGATIVE_INFINITY
  /** Losses of the last congestion event that have not turned out spurious. */
  #lossesOfEvent = 0
  #packetsLost = 0
  #packetsSpuriouslyLost = 0
  #probesSent = 0

  constructor({ maxDatagramSize, probeUpTo = 0, congestion = size => new Cubic(size) }: PathControllerOptions) {
    this.#sizes = new SizeSearch(maxDatagramSize, probeUpTo)
    this.#congestion = congestion(maxDatagramSize)
  }

  get maxDatagramSize(): number {
    return this.#sizes.size
  }

  /**
   * Bytes of a packet of PING and PADDING to send now, larger than `maxDatagramSize`, to learn whether the path
   * carries it; 0 when there is nothing to learn. It may leave when `canSend` allows it.
   */
  sizeProbe(now: number): number {
    return this.#sizes.probeSize(now)
  }

  get probesWanted(): number {
    return this.#probesWanted
  }

  // spec: STT-REC-10
  canSend(size: number, now: number): boolean {
    this.#blockedByWindow = this.#detector.bytesInFlight + size > this.#congestion.window
    if (!this.#blockedByWindow && this.#pacer.allows(size, now)) return true
    // Whoever is held back by window or pacing is not limited by the application (RFC 9002 §7.8).
    this.#applicationLimited = false
    this.#blockedSize = size
    return false
  }

  nextSendAt(now: number): number {
    return this.#blockedByWindow ? Number.POSITIVE_INFINITY : this.#pacer.nextSendAt(this.#blockedSize, now)
  }

  onPacketSent(packet: SentPacket, now: number): void {
    if (this.#probesWanted > 0) {
      this.#probesWanted--
      this.#probesSent++
    }
    if (packet.size > this.#sizes.size) this.#sizes.onProbeSent(packet.size)
    this.#lastSentAt = now
    this.#detector.onSent(packet)
    this.#pacer.onSent(packet.size, now)
  }

  onApplicationLimited(): void {
    this.#applicationLimited = true
  }

  /**
   * The program stood still until `now`: what arrives next has waited in the socket, so the round trips of packets
   * sent before say nothing of the path.
   */
  onStall(now: number): void {
    this.#ignoreRttBefore = now
  }

  onAcknowledged(
    acknowledged: readonly SentPacket[],
    largestNewlyAcknowledged: boolean,
    ackDelay: number,
    now: number,
    lost: SentPacket[],
  ): void {
    if (largestNewlyAcknowledged) this.#sampleRtt(acknowledged, ackDelay, now)

    const unused = 2 * this.#detector.bytesInFlight < this.#congestion.window
    let bytes = 0
    let sentAt = 0
    for (const packet of acknowledged) {
      if (!this.#detector.acknowledge(packet.packetNumber)) {
        if (packet.lost) this.#onSpuriousLoss(packet)
        continue
      }
      this.#learnSize(packet, now)
      // spec: STT-REC-13
      if (packet.sentAt <= this.#recoveryStartedAt) continue
      bytes += packet.size
      sentAt = packet.sentAt
    }
    // spec: STT-REC-6
    this.#probeCount = 0
    this.#probesWanted = 0

    this.#detectLosses(now, lost)
    // An event that begins with this very ACK covers everything that the ACK acknowledges.
    if (bytes > 0 && now > this.#recoveryStartedAt) {
      const { smoothed: smoothedRtt, latest: latestRtt } = this.rtt
      // spec: STT-REC-16
      const applicationLimited = this.#applicationLimited || unused
      this.#congestion.onAcknowledged({ bytes, sentAt, applicationLimited, smoothedRtt, latestRtt }, now)
    }
    this.#updatePacing(now)
  }

  get timeout(): number {
    if (this.#detector.lossTime < Number.POSITIVE_INFINITY) return this.#detector.lossTime
    if (this.#detector.packetsInFlight === 0) return Number.POSITIVE_INFINITY
    return this.#lastSentAt + this.#probeInterval
  }

  /** The probe timeout with its backoff, which stops at two seconds: a session has 30 s to get one probe through. */
  // spec: STT-REC-4
  get #probeInterval(): number {
    return Math.min(this.probeTimeout * 2 ** this.#probeCount, Math.max(this.probeTimeout, MAX_PROBE_INTERVAL))
  }

  onTimeout(now: number, lost: SentPacket[]): void {
    if (now < this.timeout) return
    if (this.#detector.lossTime < Number.POSITIVE_INFINITY) {
      this.#detectLosses(now, lost)
      this.#updatePacing(now)
      return
    }
    // spec: STT-REC-5
    this.#probeCount++
    this.#probesWanted = PROBES
    // Whatever is sent may be too large, the probes too: then no loss is ever detected.
    if (this.#probeCount >= BLACK_HOLE_TIMEOUTS && this.#sizes.fallBack(now)) this.#onSizeChanged()
  }

  get probeTimeout(): number {
    return this.rtt.probeTimeout(MAX_ACK_DELAY)
  }

  getStatistics(): PathStatistics {
    return {
      smoothedRtt: this.rtt.smoothed,
      minRtt: this.rtt.min,
      congestionWindow: this.#congestion.window,
      bytesInFlight: this.#detector.bytesInFlight,
      pacingRate: this.#pacer.rate,
      maxDatagramSize: this.#sizes.size,
      packetsLost: this.#packetsLost,
      packetsSpuriouslyLost: this.#packetsSpuriouslyLost,
      probesSent: this.#probesSent,
    }
  }

  // spec: STT-REC-1
  #sampleRtt(acknowledged: readonly SentPacket[], ackDelay: number, now: number): void {
    const largest = acknowledged.at(-1)
    if (!largest || largest.sentAt < this.#ignoreRttBefore || !acknowledged.some(packet => packet.ackEliciting)) return
    this.rtt.update(now - largest.sentAt, ackDelay)
    this.#rttKnownSince = Math.min(this.#rttKnownSince, now)
  }

  #detectLosses(now: number, lost: SentPacket[]): void {
    const found = this.#found
    this.#detector.detect(this.rtt, now, found)
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
    if (congested > 0) this.#onCongestion(found, now)
    found.length = 0
  }

  #onCongestion(losses: readonly Loss[], now: number): void {
    if (losses.at(-1)!.packet.sentAt > this.#recoveryStartedAt) {
      this.#recoveryStartedAt = now
      this.#eventBeforeAt = this.#eventAt
      this.#eventAt = now
      this.#lossesOfEvent = 0
      this.#congestion.onCongestion()
    }
    for (const { packet } of losses) if (packet.sentAt > this.#eventBeforeAt) this.#lossesOfEvent++
    const duration = this.probeTimeout * PERSISTENT_CONGESTION_THRESHOLD
    if (this.#persistent.detect(losses, duration, this.#rttKnownSince)) {
      this.#recoveryStartedAt = Number.NEGATIVE_INFINITY
      this.#lossesOfEvent = 0
      this.#congestion.onPersistentCongestion()
    }
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
    this.#congestion.setMaxDatagramSize(this.#sizes.size)
  }

  // spec: STT-REC-15
  #onSpuriousLoss(packet: SentPacket): void {
    this.#packetsSpuriouslyLost++
    this.#persistent.reset()
    if (packet.sentAt <= this.#eventBeforeAt || this.#lossesOfEvent === 0) return
    if (--this.#lossesOfEvent === 0) {
      this.#recoveryStartedAt = Number.NEGATIVE_INFINITY
      this.#eventAt = this.#eventBeforeAt
      this.#congestion.undoCongestion()
    }
  }

  #updatePacing(now: number): void {
    if (!this.rtt.known) return
    const { window, inSlowStart } = this.#congestion
    this.#pacer.update(window, Math.max(this.rtt.smoothed, MIN_PACING_RTT), inSlowStart, this.#sizes.size, now)
  }
}

/** Milliseconds that a peer may hold an acknowledgement back on a datagram link. */
const MAX_ACK_DELAY = 25
const PROBES = 2
/** The size is no longer trusted when the timer fired this often and nothing arrived. */
const BLACK_HOLE_TIMEOUTS = 3
const MAX_PROBE_INTERVAL = 2_000
const PERSISTENT_CONGESTION_THRESHOLD = 3
/** Keeps the pacing rate finite where clock and path are faster than the clock's resolution. */
const MIN_PACING_RTT = 0.01
