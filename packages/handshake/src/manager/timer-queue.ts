/** An item with a deadline that it chooses itself. */
export interface Timed {
  /** Milliseconds; Infinity for none. Call `schedule` after lowering it. */
  readonly deadline: number
}

/**
 * A binary heap by deadline. The old entry of a rescheduled item stays in it, and is skipped when it comes up.
 */
export class TimerQueue<T extends Timed> {
  readonly #heap: { readonly at: number; readonly item: T }[] = []

  schedule(item: T): void {
    if (item.deadline === Number.POSITIVE_INFINITY) return
    const heap = this.#heap
    const entry = { at: item.deadline, item }
    let i = heap.push(entry) - 1
    while (i > 0) {
      const parent = (i - 1) >>> 1
      if (heap[parent]!.at <= entry.at) break
      heap[i] = heap[parent]!
      i = parent
    }
    heap[i] = entry
  }

  /** When the next item is due; Infinity when there is none. */
  get deadline(): number {
    this.#skip()
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY
  }

  /** Removes and returns the next item that is due by `now`. The caller schedules it again. */
  popDue(now: number): T | undefined {
    return this.deadline <= now ? this.#pop() : undefined
  }

  clear(): void {
    this.#heap.length = 0
  }

  #skip(): void {
    while (this.#heap.length > 0 && this.#heap[0]!.at !== this.#heap[0]!.item.deadline) this.#pop()
  }

  #pop(): T {
    const heap = this.#heap
    const { item } = heap[0]!
    const last = heap.pop()!
    if (heap.length === 0) return item
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && heap[child + 1]!.at < heap[child]!.at) child++
      if (heap[child]!.at >= last.at) break
      heap[i] = heap[child]!
      i = child
    }
    heap[i] = last
    return item
  }
}
