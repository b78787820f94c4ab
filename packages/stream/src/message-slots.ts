import { Queue, type QueueNode } from './queue.ts'

/** Limits how many large messages arrive at the same time. A message without a slot waits in its stream until one is free. */
export class MessageSlots<T> {
  readonly #waiting: Queue<T> = new Queue()
  #free: number

  constructor(slots: number) {
    this.#free = slots
  }

  /** The member that should try again now. */
  get next(): T | undefined {
    return this.#free > 0 ? this.#waiting.first : undefined
  }

  /** Takes a slot, or queues `node` for one; returns whether there was one. */
  // spec: STT-STR-22
  take(node: QueueNode<T>): boolean {
    if (this.#free === 0) {
      this.#waiting.push(node)
      return false
    }
    this.#waiting.remove(node)
    this.#free--
    return true
  }

  /** Gives a slot back that could not be used, and waits for it again. */
  putBack(node: QueueNode<T>): void {
    this.#free++
    this.#waiting.push(node)
  }

  /** Gives a slot back. */
  release(): void {
    this.#free++
  }

  /** Stops waiting. */
  leave(node: QueueNode<T>): void {
    this.#waiting.remove(node)
  }
}
