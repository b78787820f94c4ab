/**
 * A set of byte offsets, kept as ascending ranges that neither touch nor overlap. A range costs two numbers in one
 * array, so that a peer who leaves many gaps pays more than we do.
 */
export class RangeSet {
  /** start, end, start, end, … (end exclusive). */
  #bounds: number[] = []

  get isEmpty(): boolean {
    return this.#bounds.length === 0
  }

  /** Ranges held. */
  get count(): number {
    return this.#bounds.length / 2
  }

  start(index: number): number {
    return this.#bounds[index * 2]!
  }

  end(index: number): number {
    return this.#bounds[index * 2 + 1]!
  }

  /** Index of the first range that ends above `offset`; `count` when there is none. */
  findAbove(offset: number): number {
    return this.#firstEndAtLeast(offset + 1)
  }

  add(start: number, end: number): void {
    if (start >= end) return
    const bounds = this.#bounds
    const length = bounds.length
    if (length === 0 || start > bounds[length - 1]!) {
      bounds.push(start, end)
      return
    }
    const first = this.#firstEndAtLeast(start)
    let after = first
    while (after * 2 < length && bounds[after * 2]! <= end) after++
    if (after === first) {
      bounds.splice(first * 2, 0, start, end)
      return
    }
    bounds[first * 2] = Math.min(start, bounds[first * 2]!)
    bounds[first * 2 + 1] = Math.max(end, bounds[after * 2 - 1]!)
    if (after - first > 1) bounds.splice(first * 2 + 2, (after - first - 1) * 2)
  }

  remove(start: number, end: number): void {
    const bounds = this.#bounds
    if (start >= end || bounds.length === 0) return
    const first = this.findAbove(start)
    let after = first
    while (after * 2 < bounds.length && bounds[after * 2]! < end) after++
    if (after === first) return
    const left = bounds[first * 2]!
    const right = bounds[after * 2 - 1]!
    if (left < start && right > end) bounds.splice(first * 2, (after - first) * 2, left, start, end, right)
    else if (left < start) bounds.splice(first * 2, (after - first) * 2, left, start)
    else if (right > end) bounds.splice(first * 2, (after - first) * 2, end, right)
    else bounds.splice(first * 2, (after - first) * 2)
  }

  removeFirst(): void {
    this.#bounds.splice(0, 2)
  }

  clear(): void {
    this.#bounds = []
  }

  #firstEndAtLeast(offset: number): number {
    const bounds = this.#bounds
    let low = 0
    let high = bounds.length / 2
    while (low < high) {
      const middle = (low + high) >>> 1
      if (bounds[middle * 2 + 1]! < offset) low = middle + 1
      else high = middle
    }
    return low
  }
}
