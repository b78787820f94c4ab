import { Queue, type QueueNode } from './queue.ts'

/** Who sends next: the highest priority first, and inside one priority each in turn. */
export class Scheduler<T> {
  readonly #levels: Queue<T>[] = Array.from({ length: PRIORITIES }, () => new Queue<T>())
  /** A bit for each level that somebody waits in. */
  #occupied = 0

  get isEmpty(): boolean {
    return this.#occupied === 0
  }

  get first(): T | undefined {
    return this.#occupied === 0 ? undefined : this.#levels[31 - Math.clz32(this.#occupied)]!.first
  }

  add(node: QueueNode<T>, priority: number): void {
    this.#levels[priority]!.push(node)
    this.#occupied |= 1 << priority
  }

  /** Puts a member before the others of its priority: what was lost holds up what came after it. */
  addFirst(node: QueueNode<T>, priority: number): void {
    this.#levels[priority]!.unshift(node)
    this.#occupied |= 1 << priority
  }

  remove(node: QueueNode<T>, priority: number): void {
    const level = this.#levels[priority]!
    level.remove(node)
    if (level.isEmpty) this.#occupied &= ~(1 << priority)
  }

  /** Moves a member that had its turn behind the others of its priority. */
  // spec: STT-STR-9
  rotate(node: QueueNode<T>, priority: number): void {
    const level = this.#levels[priority]!
    level.remove(node)
    level.push(node)
  }
}

/** Priorities are 0 (last) to 7 (first). */
export const PRIORITIES = 8
export const DEFAULT_PRIORITY = 3
