/**
 * A set of byte offsets, as ascending ranges that neither touch nor overlap. The ranges lie in short arrays, and a change
 * moves at most one of them. So a frame costs the same however many gaps the peer makes.
 */
export class RangeSet {
  /** Arrays of start, end, start, end, … (end exclusive), none of them empty. */
  readonly #chunks: number[][] = []
  #count = 0
  /** The array in which `#locate` found a range. */
  #chunk = 0
  /** The index of that range's start in the array. */
  #at = 0
  #foundStart = 0
  #foundEnd = 0

  /** Whether it has no range. */
  get isEmpty(): boolean {
    return this.#count === 0
  }

  /** Ranges held. */
  get count(): number {
    return this.#count
  }

  /** Start of the first range; the set must not be empty. */
  get firstStart(): number {
    return this.#chunks[0]![0]!
  }

  /** End of the first range; the set must not be empty. */
  get firstEnd(): number {
    return this.#chunks[0]![1]!
  }

  /** End of the last range; the set must not be empty. */
  get lastEnd(): number {
    return this.#chunks.at(-1)!.at(-1)!
  }

  /** Start of the range that `seek` found. */
  get foundStart(): number {
    return this.#foundStart
  }

  /** End of the range that `seek` found. */
  get foundEnd(): number {
    return this.#foundEnd
  }

  /** Finds the first range that ends above `offset`; returns whether there is one. */
  seek(offset: number): boolean {
    if (!this.#locate(offset + 1)) return false
    const chunk = this.#chunks[this.#chunk]!
    this.#foundStart = chunk[this.#at]!
    this.#foundEnd = chunk[this.#at + 1]!
    return true
  }

  /** Adds the offsets from `start` to `end` (exclusive). */
  add(start: number, end: number): void {
    if (start >= end) return
    if (!this.#locate(start)) return this.#append(start, end)
    const chunk = this.#chunks[this.#chunk]!
    const at = this.#at
    if (chunk[at]! > end) return this.#insert(this.#chunk, at, start, end)
    if (chunk[at]! > start) chunk[at] = start
    if (chunk[at + 1]! >= end) return
    this.#absorb(this.#chunk, at, end)
  }

  /** Removes the offsets from `start` to `end` (exclusive). */
  remove(start: number, end: number): void {
    if (start >= end || !this.#locate(start + 1)) return
    const chunk = this.#chunks[this.#chunk]!
    const at = this.#at
    if (chunk[at]! < start) {
      const right = chunk[at + 1]!
      chunk[at + 1] = start
      if (right > end) this.#insert(this.#chunk, at + 2, end, right)
      else this.#cut(this.#chunk, at + 2, end)
    } else {
      this.#cut(this.#chunk, at, end)
    }
  }

  /** Removes the first range. */
  removeFirst(): void {
    const first = this.#chunks[0]!
    first.splice(0, 2)
    if (first.length === 0) this.#chunks.shift()
    this.#count--
  }

  /** Removes all ranges. */
  clear(): void {
    this.#chunks.length = 0
    this.#count = 0
  }

  /** Finds the first range that ends at `offset` or above. */
  #locate(offset: number): boolean {
    const chunks = this.#chunks
    let low = 0
    let high = chunks.length
    if (high === 0 || chunks[high - 1]![chunks[high - 1]!.length - 1]! < offset) return false
    while (low < high) {
      const middle = (low + high) >>> 1
      const chunk = chunks[middle]!
      if (chunk[chunk.length - 1]! < offset) low = middle + 1
      else high = middle
    }
    this.#chunk = low
    const chunk = chunks[low]!
    low = 0
    high = chunk.length / 2
    while (low < high) {
      const middle = (low + high) >>> 1
      if (chunk[middle * 2 + 1]! < offset) low = middle + 1
      else high = middle
    }
    this.#at = low * 2
    return true
  }

  #append(start: number, end: number): void {
    const last = this.#chunks[this.#chunks.length - 1]
    this.#count++
    if (last === undefined || last.length >= CHUNK) this.#chunks.push([start, end])
    else last.push(start, end)
  }

  /** Inserts a range that touches no other one. */
  #insert(index: number, at: number, start: number, end: number): void {
    const chunk = this.#chunks[index]!
    chunk.splice(at, 0, start, end)
    this.#count++
    if (chunk.length > CHUNK) this.#chunks.splice(index + 1, 0, chunk.splice(CHUNK / 2))
  }

  /** Extends a range up to `end`, and merges it with the ranges that it then touches. */
  #absorb(index: number, at: number, end: number): void {
    const chunk = this.#chunks[index]!
    let reach = end
    let next = index
    let from = at + 2
    for (;;) {
      const others = this.#chunks[next]
      if (others === undefined) break
      let to = from
      while (to < others.length && others[to]! <= end) to += 2
      if (to > from) reach = Math.max(reach, others[to - 1]!)
      this.#count -= (to - from) / 2
      const isLast = to < others.length
      others.splice(from, to - from)
      if (isLast) break
      from = 0
      next++
    }
    chunk[at + 1] = reach
    this.#dropEmpty(index + 1)
  }

  /** Removes all offsets below `end`, from the range at a place on. */
  #cut(index: number, at: number, end: number): void {
    let from = at
    for (let next = index; next < this.#chunks.length; next++) {
      const chunk = this.#chunks[next]!
      let to = from
      while (to < chunk.length && chunk[to + 1]! <= end) to += 2
      this.#count -= (to - from) / 2
      const isLast = to < chunk.length
      if (isLast && chunk[to]! < end) chunk[to] = end
      chunk.splice(from, to - from)
      if (isLast) break
      from = 0
    }
    this.#dropEmpty(index)
  }

  /** Removes the arrays that have become empty, which all lie together from `index` on. */
  #dropEmpty(index: number): void {
    const chunks = this.#chunks
    const from = chunks[index]?.length === 0 ? index : index + 1
    let to = from
    while (chunks[to]?.length === 0) to++
    if (to > from) chunks.splice(from, to - from)
  }
}

/** Numbers in one array at most. */
const CHUNK = 256
