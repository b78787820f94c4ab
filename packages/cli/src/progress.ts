import { SingleBar } from 'cli-progress'
import type { Output } from './output.ts'

/** Shows how far a transfer is: a bar on a terminal, or a line of JSON each second. */
export class Progress {
  readonly #output: Output
  readonly #bar: SingleBar | undefined
  #total = 0
  #told = 0
  #shown = 0
  #started = performance.now()
  #first = 0

  constructor(output: Output) {
    this.#output = output
    if (!output.isLive) return
    this.#bar = new SingleBar({
      format: '{bar} {percentage}% of {size} | {rate} | {eta_formatted} left',
      barCompleteChar: '█',
      barIncompleteChar: '░',
      barsize: 24,
      hideCursor: true,
      stream: process.stderr,
      emptyOnZero: true,
      etaBuffer: 200,
      clearOnComplete: true,
      linewrap: false,
      gracefulExit: false,
    })
  }

  start(total: number): void {
    this.#total = total
    this.#started = performance.now()
    this.#bar?.start(total, 0, { size: describeSize(total), rate: '-' })
  }

  update(bytes: number): void {
    const now = performance.now()
    this.#first ||= bytes
    // Thousands of small files would move the bar more often than anyone can see.
    if (this.#bar && (now - this.#shown >= SHOWN_EACH || bytes >= this.#total)) {
      this.#shown = now
      const rate = describeRate(bytes - this.#first, now - this.#started)
      this.#bar.update(Math.min(bytes, this.#total), { rate })
    }
    if (now - this.#told < 1_000) return
    this.#told = now
    this.#output.line({ type: 'progress', bytes, total: this.#total })
  }

  /** Removes the bar and shows the cursor. */
  stop(): void {
    this.#bar?.stop()
  }
}

/** A size for people: `64.0 MiB`. */
export function describeSize(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`
}

export const describeRate = (bytes: number, milliseconds: number): string =>
  milliseconds > 0 ? `${describeSize((bytes / milliseconds) * 1_000)}/s` : '-'

/** Milliseconds. */
const SHOWN_EACH = 50
const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
