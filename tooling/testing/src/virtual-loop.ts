/** Something that will happen at a moment of virtual time. */
export interface VirtualTimer {
  readonly at: number
  readonly action: () => void
  readonly order: number
  cancelled: boolean
}

/**
 * A clock and the queue of what happens when. Nothing waits: time jumps from one event to the next, so that hours
 * pass in seconds and the same inputs always give the same run. Events of one moment run in the order they were
 * scheduled in.
 */
export class VirtualLoop {
  #now = 0
  #order = 0
  #heap: VirtualTimer[] = []

  /** Milliseconds since the loop was made. */
  get now(): number {
    return this.#now
  }

  /** Whether anything is still scheduled. */
  get idle(): boolean {
    this.#dropCancelled()
    return this.#heap.length === 0
  }

  /** Runs `action` at virtual time `at` (milliseconds); a moment that has passed means now, after what runs now. */
  schedule(at: number, action: () => void): VirtualTimer {
    const timer = { at: Math.max(at, this.#now), action, order: this.#order++, cancelled: false }
    this.#push(timer)
    return timer
  }

  after(delay: number, action: () => void): VirtualTimer {
    return this.schedule(this.#now + delay, action)
  }

  cancel(timer: VirtualTimer | undefined): void {
    if (timer) timer.cancelled = true
  }

  /** Runs the next event. @returns false when there is none */
  step(): boolean {
    this.#dropCancelled()
    const next = this.#heap[0]
    if (!next) return false
    this.#pop()
    this.#now = next.at
    next.action()
    return true
  }

  /** Runs everything up to and including virtual time `time`, which is then the present. */
  runUntil(time: number): void {
    for (;;) {
      this.#dropCancelled()
      const next = this.#heap[0]
      if (!next || next.at > time) break
      this.step()
    }
    this.#now = Math.max(this.#now, time)
  }

  /**
   * Runs until `done()` holds.
   *
   * @returns false when `deadline` (virtual time) came first or nothing more was scheduled
   */
  runWhileNot(done: () => boolean, deadline: number = Number.POSITIVE_INFINITY): boolean {
    while (!done()) {
      this.#dropCancelled()
      const next = this.#heap[0]
      if (!next) return false
      if (next.at > deadline) {
        this.#now = deadline
        return false
      }
      this.step()
    }
    return true
  }

  #dropCancelled(): void {
    while (this.#heap[0]?.cancelled) this.#pop()
  }

  #push(timer: VirtualTimer): void {
    const heap = this.#heap
    let i = heap.push(timer) - 1
    while (i > 0) {
      const parent = (i - 1) >> 1
      const above = heap[parent]!
      if (!before(timer, above)) break
      heap[i] = above
      i = parent
    }
    heap[i] = timer
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()!
    if (heap.length === 0) return
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++
      if (!before(heap[child]!, last)) break
      heap[i] = heap[child]!
      i = child
    }
    heap[i] = last
  }
}

const before = (a: VirtualTimer, b: VirtualTimer): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)
