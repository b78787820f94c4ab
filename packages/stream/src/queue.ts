/**
 * A first-in, first-out queue whose links lie in the nodes of its members: to add, take or remove one, also from the
 * middle, takes constant time and no memory.
 */
export class Queue<T> {
  #head: QueueNode<T> | undefined
  #tail: QueueNode<T> | undefined

  /** Whether it has no member. */
  get isEmpty(): boolean {
    return this.#head === undefined
  }

  /** The member that came first, which stays. */
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

  /** Takes the first member out; `undefined` when there is none. */
  shift(): T | undefined {
    const node = this.#head
    if (node === undefined) return undefined
    this.remove(node)
    return node.owner
  }

  /** Takes a member out, wherever it stands; does nothing when it is not in this queue. */
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

/** The place of a member in a queue: a member has one node for each queue that it can be in. */
export class QueueNode<T> {
  /** The member whose place this is. */
  readonly owner: T
  /** @internal */
  queue: Queue<T> | undefined = undefined
  /** @internal */
  previous: QueueNode<T> | undefined = undefined
  /** @internal */
  next: QueueNode<T> | undefined = undefined

  constructor(owner: T) {
    this.owner = owner
  }
}
