/** A set of numbers as ascending ranges, of which it keeps the newest. */
export class Ranges {
  readonly #ranges: { low: number; high: number }[] = []

  get largest(): number {
    return this.#ranges.at(-1)?.high ?? -1
  }

  /** @returns false when the number was there */
  add(number: number): boolean {
    const ranges = this.#ranges
    const i = this.#below(number)
    const below = ranges[i]
    const above = ranges[i + 1]
    if (below && number <= below.high) return false
    const joinsBelow = below?.high === number - 1
    const joinsAbove = above?.low === number + 1
    if (joinsBelow && joinsAbove) {
      below.high = above.high
      ranges.splice(i + 1, 1)
    } else if (joinsBelow) below.high = number
    else if (joinsAbove) above.low = number
    else ranges.splice(i + 1, 0, { low: number, high: number })
    if (ranges.length > KEPT) ranges.shift()
    return true
  }

  /** Calls back with each number from `low` to `high` that is not in the set, descending; it may be added then. */
  eachMissing(low: number, high: number, found: (number: number) => void): void {
    for (let number = high; number >= low; number--) {
      const range = this.#ranges[this.#below(number)]
      if (range && number <= range.high) number = range.low
      else found(number)
    }
  }

  /** Pairs of highest and lowest number, newest first. */
  newest(count: number): number[] {
    const pairs: number[] = []
    for (let i = this.#ranges.length - 1; i >= 0 && pairs.length < 2 * count; i--) {
      pairs.push(this.#ranges[i]!.high, this.#ranges[i]!.low)
    }
    return pairs
  }

  /** Index of the last range that does not begin above `number`. */
  #below(number: number): number {
    let i = this.#ranges.length - 1
    while (i >= 0 && this.#ranges[i]!.low > number) i--
    return i
  }
}

const KEPT = 256
