/**
 * A first-in, first-out queue whose links live in its members' nodes: adding, taking and removing from the middle
 * are O(1) and allocate nothing.
 */
export class Queue<T> {
  #head: QueueNode<T> | undefined
  #tail: QueueNode<T> | undefined

  get isEmpty(): boolean {
    return this.#head === undefined
  }

  get first(): T | undefined {
    return this.#head?.owner
  }

  /** Adds at the end; a member that is in this queue already keeps its place. */
  push(node: QueueNode<T>): void {
    if (node.queue !== undefined) return
    node.queue = this
    node.previous = this.#tail
    if (this.#tail) this.#tail.next = node
    else this.#head = node
    this.#tail = node
  }

  /** Adds at the front; a member that is in this queue already keeps its place. */
  unshift(node: QueueNode<T>): void {
    if (node.queue !== undefined) return
    node.queue = this
    node.next = this.#head
    if (this.#head) this.#head.previous = node
    else this.#tail = node
    this.#head = node
  }

  /** Takes the first member out. */
  shift(): T | undefined {
    const node = this.#head
    if (node === undefined) return undefined
    this.remove(node)
    return node.owner
  }

  /** Takes a member out, wherever it stands; nothing happens when it is in no queue. */
  remove(node: QueueNode<T>): void {
    if (node.queue !== this) return
    if (node.previous) node.previous.next = node.next
    else this.#head = node.next
    if (node.next) node.next.previous = node.previous
    else this.#tail = node.previous
    node.previous = undefined
    node.next = undefined
    node.queue = undefined
  }
}

/** A member's place in a queue: one node for each kind of queue that the member can be in. */
export class QueueNode<T> {
  readonly owner: T
  queue: Queue<T> | undefined = undefined
  previous: QueueNode<T> | undefined = undefined
  next: QueueNode<T> | undefined = undefined

  constructor(owner: T) {
    this.owner = owner
  }
}
