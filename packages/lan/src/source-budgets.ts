/** Packets a second from each source and from all together, so that a flood from one source leaves the budgets of others. */
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

  /** Takes one packet from a source's budget. @param now milliseconds @returns whether there was one */
  take(source: string, now: number): boolean {
    const second = Math.floor(now / 1_000)
    if (second !== this.#second) {
      this.#second = second
      this.#sum = 0
      this.#spent.clear()
    }
    const spent = this.#spent.get(source) ?? 0
    if (spent >= this.#perSource || this.#sum >= this.#total) return false
    // Each allowed packet adds at most one entry, so the total bounds the map.
    this.#spent.set(source, spent + 1)
    this.#sum++
    return true
  }
}
