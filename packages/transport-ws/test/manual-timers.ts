import type { Timers } from '../src/timers.ts'

/** Timers that run when the test says so. */
export class ManualTimers implements Timers {
  #now = 0
  readonly #pending = new Set<{ at: number; callback: () => void }>()

  get pending(): number {
    return this.#pending.size
  }

  now(): number {
    return this.#now
  }

  set(callback: () => void, delay: number): unknown {
    const entry = { at: this.#now + delay, callback }
    this.#pending.add(entry)
    return entry
  }

  clear(handle: unknown): void {
    this.#pending.delete(handle as { at: number; callback: () => void })
  }

  /** Lets `duration` milliseconds pass; what comes due runs in order, also what those callbacks set. */
  advance(duration: number): void {
    const end = this.#now + duration
    for (;;) {
      const next = [...this.#pending].filter(each => each.at <= end).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.#pending.delete(next)
      this.#now = next.at
      next.callback()
    }
    this.#now = end
  }
}
