/** So many packets a second of each source, and of all together: one that floods does not use up what others may. */
export class SourceBudgets {
  readonly #perSource: number
  readonly #total: number
  readonly #spent = new Map<string, number>()
  #second = Number.NEGATIVE_INFINITY
  #sum = 0

  constructor(perSource: number, total: number) {
    this.#perSource = perSource
    this.#total = total
  }

  /** @param now milliseconds */
  take(source: string, now: number): boolean {
    const second = Math.floor(now / 1_000)
    if (second !== this.#second) {
      this.#second = second
      this.#sum = 0
      this.#spent.clear()
    }
    const spent = this.#spent.get(source) ?? 0
    if (spent >= this.#perSource || this.#sum >= this.#total) return false
    // At most one entry for each that is allowed, so the map is bounded by the total.
    this.#spent.set(source, spent + 1)
    this.#sum++
    return true
  }
}
