import { Queue, type QueueNode } from './queue.ts'

/** Decides which member sends next: the highest priority first, and members of one priority in turn. */
export class Scheduler<T> {
  readonly #levels: Queue<T>[] = Array.from({ length: PRIORITIES }, () => new Queue<T>())
  /** A bit for each level that has members. */
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

  /** Puts a member before the others of its priority: lost bytes hold up all that came after them. */
  addFirst(node: QueueNode<T>, priority: number): void {
    this.#levels[priority]!.unshift(node)
    this.#occupied |= 1 << priority
  }

  remove(node: QueueNode<T>, priority: number): void {
    const level = this.#levels[priority]!
    level.remove(node)
    if (level.isEmpty) this.#occupied &= ~(1 << priority)
  }

  /** Moves a member behind the others of its priority, because it had its turn. */
  // spec: STT-STR-9
  rotate(node: QueueNode<T>, priority: number): void {
    const level = this.#levels[priority]!
    level.remove(node)
    level.push(node)
  }
}

/** Priorities are 0 (last) to 7 (first). */
export const PRIORITIES = 8
/** The priority of a stream that is opened without one. */
export const DEFAULT_PRIORITY = 3
