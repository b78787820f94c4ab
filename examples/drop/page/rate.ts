/** How fast something goes, over the last seconds. */
export class Rate {
  readonly #samples: { readonly at: number; readonly bytes: number }[] = []

  /** @param at milliseconds */
  add(bytes: number, at: number): void {
    this.#samples.push({ at, bytes })
    while (this.#samples.length > 2 && this.#samples[0]!.at < at - SPAN) this.#samples.shift()
  }

  /** Bytes a second; undefined before there is something to go by. */
  get perSecond(): number | undefined {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)]
    if (!first || !last || last.at - first.at < LEAST) return undefined
    return Math.max(0, ((last.bytes - first.bytes) * 1_000) / (last.at - first.at))
  }
}

export function describeSize(bytes: number): string {
  const power = bytes < 1_000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3))
  const number = bytes / 1_000 ** power
  return `${power === 0 || number >= 100 ? Math.round(number) : number.toFixed(1)} ${UNITS[power]}`
}

export function describeTime(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`
  if (seconds < 3_600) return `${Math.round(seconds / 60)} min`
  return `${Math.floor(seconds / 3_600)} h ${Math.round((seconds % 3_600) / 60)} min`
}

/** `12 MB of 200 MB, 5.1 MB/s, 37 s left`. */
export function describeProgress(done: number, total: number, perSecond: number | undefined): string {
  const parts = [`${describeSize(done)} of ${describeSize(total)}`]
  if (perSecond !== undefined && perSecond > 0) {
    parts.push(`${describeSize(perSecond)}/s`)
    if (done < total) parts.push(`${describeTime((total - done) / perSecond)} left`)
  }
  return parts.join(', ')
}

/** Milliseconds. */
const SPAN = 5_000
const LEAST = 500
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']
