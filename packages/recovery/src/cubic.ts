import {
  type AcknowledgedBytes,
  type CongestionController,
  type CongestionControllerFactory,
  initialWindow,
  minimumWindow,
} from './congestion-controller.ts'
import { HyStart } from './hystart.ts'

/** CUBIC (RFC 9438), with HyStart++ (RFC 9406) for slow start: the default. */
export const cubic: CongestionControllerFactory = maxDatagramSize => new Cubic(maxDatagramSize)

/** Counts in bytes, where the RFC counts in segments. */
export class Cubic implements CongestionController {
  #maxDatagramSize: number
  #window: number
  #slowStartThreshold = Number.POSITIVE_INFINITY
  #hyStart = new HyStart()
  #curve: Curve | undefined
  /** W_max: the window at which the curve is flat. */
  #maximum = 0
  /** cwnd_prior: the window just before the last reduction. */
  #prior = 0
  #limitedSince: number | undefined
  #before: Saved | undefined

  constructor(maxDatagramSize: number) {
    this.#maxDatagramSize = maxDatagramSize
    this.#window = initialWindow(maxDatagramSize)
  }

  get window(): number {
    return this.#window
  }

  get inSlowStart(): boolean {
    return this.#window < this.#slowStartThreshold
  }

  onAcknowledged(acknowledged: AcknowledgedBytes, now: number): void {
    // spec: STT-REC-16
    if (acknowledged.applicationLimited) {
      this.#limitedSince ??= now
      return
    }
    if (this.#limitedSince !== undefined) {
      // The curve is a function of the time spent probing, which stood still in the meantime (RFC 9438 §5.8).
      if (this.#curve) this.#curve.startedAt += now - this.#limitedSince
      this.#limitedSince = undefined
    }
    if (this.inSlowStart) this.#slowStart(acknowledged, now)
    else this.#avoidCongestion(acknowledged, now)
  }

  // spec: STT-REC-17
  onCongestion(): void {
    this.#before = {
      window: this.#window,
      slowStartThreshold: this.#slowStartThreshold,
      maximum: this.#maximum,
      prior: this.#prior,
      curve: this.#curve,
    }
    // Fast convergence (§4.7): a loss below the last maximum means that another flow needs room.
    const shrinking = this.#window < this.#maximum
    this.#maximum = shrinking ? (this.#window * (1 + BETA)) / 2 : this.#window
    this.#prior = this.#window
    this.#window = Math.max(this.#window * BETA, minimumWindow(this.#maxDatagramSize))
    this.#slowStartThreshold = this.#window
    this.#curve = undefined
  }

  undoCongestion(): void {
    if (!this.#before || this.#window >= this.#before.window) return
    this.#window = this.#before.window
    this.#slowStartThreshold = this.#before.slowStartThreshold
    this.#maximum = this.#before.maximum
    this.#prior = this.#before.prior
    this.#curve = this.#before.curve
    this.#before = undefined
  }

  onPersistentCongestion(): void {
    this.#window = minimumWindow(this.#maxDatagramSize)
    this.#hyStart = new HyStart()
    this.#curve = undefined
    this.#before = undefined
  }

  setMaxDatagramSize(size: number): void {
    this.#maxDatagramSize = size
    this.#window = Math.max(this.#window, minimumWindow(size))
  }

  #slowStart({ bytes, sentAt, latestRtt }: AcknowledgedBytes, now: number): void {
    const divisor = this.#hyStart.onAcknowledged(sentAt, latestRtt, now)
    this.#window += bytes / divisor
    if (divisor === Number.POSITIVE_INFINITY) this.#slowStartThreshold = this.#window
  }

  #avoidCongestion({ bytes, smoothedRtt }: AcknowledgedBytes, now: number): void {
    const segment = this.#maxDatagramSize
    this.#curve ??= this.#startCurve(now)
    const curve = this.#curve
    const segmentsPerWindow = (segment * bytes) / this.#window
    curve.estimate += (curve.estimate < this.#prior ? ALPHA : 1) * segmentsPerWindow
    if (this.#cubicAt(curve, now) < curve.estimate) {
      this.#window = Math.max(this.#window, curve.estimate)
      return
    }
    const target = Math.min(Math.max(this.#cubicAt(curve, now + smoothedRtt), this.#window), 1.5 * this.#window)
    this.#window += ((target - this.#window) * bytes) / this.#window
  }

  /** §4.2: from here on the window follows the cubic through its maximum. Without a maximum the curve starts flat. */
  #startCurve(now: number): Curve {
    this.#maximum = Math.max(this.#maximum, this.#window)
    const distance = (this.#maximum - this.#window) / this.#maxDatagramSize
    return { startedAt: now, k: Math.cbrt(distance / C), estimate: this.#window }
  }

  /** W_cubic in bytes at a time in milliseconds. */
  #cubicAt({ startedAt, k }: Curve, time: number): number {
    return C * ((time - startedAt) / 1000 - k) ** 3 * this.#maxDatagramSize + this.#maximum
  }
}

/** A stretch of congestion avoidance. */
interface Curve {
  startedAt: number
  /** Seconds until the curve is back at its maximum. */
  readonly k: number
  /** W_est: the window that Reno would have at this time. */
  estimate: number
}

/** The state before a congestion event, to go back to when the event was spurious (§4.9). */
interface Saved {
  readonly window: number
  readonly slowStartThreshold: number
  readonly maximum: number
  readonly prior: number
  readonly curve: Curve | undefined
}

const C = 0.4
const BETA = 0.7
/** Makes the estimate grow as Reno does on average with this reduction (§4.3). */
const ALPHA = (3 * (1 - BETA)) / (1 + BETA)
