import {
  type AcknowledgedBytes,
  type CongestionController,
  type CongestionControllerFactory,
  initialWindow,
  minimumWindow,
} from './congestion-controller.ts'

/** NewReno, as RFC 9002 §7.3 and appendix B describe it: the plain controller that others are compared with. */
export const newReno: CongestionControllerFactory = maxDatagramSize => new NewReno(maxDatagramSize)

export class NewReno implements CongestionController {
  #maxDatagramSize: number
  #window: number
  #slowStartThreshold = Number.POSITIVE_INFINITY
  #before: { window: number; slowStartThreshold: number } | undefined

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

  onAcknowledged({ bytes, applicationLimited }: AcknowledgedBytes): void {
    if (applicationLimited) return
    this.#window += this.inSlowStart ? bytes : (this.#maxDatagramSize * bytes) / this.#window
  }

  onCongestion(): void {
    this.#before = { window: this.#window, slowStartThreshold: this.#slowStartThreshold }
    this.#window = Math.max(this.#window * LOSS_REDUCTION, minimumWindow(this.#maxDatagramSize))
    this.#slowStartThreshold = this.#window
  }

  undoCongestion(): void {
    if (!this.#before) return
    this.#window = Math.max(this.#window, this.#before.window)
    this.#slowStartThreshold = this.#before.slowStartThreshold
    this.#before = undefined
  }

  onPersistentCongestion(): void {
    this.#window = minimumWindow(this.#maxDatagramSize)
    this.#before = undefined
  }

  setMaxDatagramSize(size: number): void {
    this.#maxDatagramSize = size
    this.#window = Math.max(this.#window, minimumWindow(size))
  }
}

const LOSS_REDUCTION = 0.5
