import { setTimeout as delay } from 'node:timers/promises'

/** How fast a file is sent: at first as fast as it goes, from a third of it on slowly, until that is over. */
export class Pace {
  readonly #size: number
  readonly #onSlow: (sent: number) => void
  readonly #quick = new AbortController()
  #isSlow = false

  /**
   * @param size of the file, in bytes
   * @param onSlow called with the bytes that are gone when the slow part begins
   */
  constructor(size: number, onSlow: (sent: number) => void) {
    this.#size = size
    this.#onSlow = onSlow
  }

  /** All that is left goes as fast as it can. */
  hurry(): void {
    this.#quick.abort()
  }

  /** How many bytes are sent next, at most. */
  get step(): number {
    const wholeStep = this.#isSlow && !this.#quick.signal.aborted ? 1 / SLOW_STEPS : 1 / QUICK_STEPS
    return Math.ceil(this.#size * wholeStep)
  }

  /** Waits for the turn of the next bytes. @param sent how many are gone */
  async turn(sent: number): Promise<void> {
    if (this.#quick.signal.aborted || sent < this.#size / 3) return
    if (!this.#isSlow) {
      this.#isSlow = true
      this.#onSlow(sent)
    }
    await delay(STEP, undefined, { signal: this.#quick.signal }).catch(() => {})
  }
}

/** Milliseconds between two steps of the slow part, which would take a minute if it were not ended early. */
const STEP = 100
const SLOW_STEPS = 900
/** So many at least, that a small file has a third. */
const QUICK_STEPS = 12
