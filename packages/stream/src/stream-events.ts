import { type Queue, QueueNode } from './queue.ts'

/** The events of one stream that wait to be polled: each kind at most once, in the order of their bits. */
export class StreamEvents<T = unknown> {
  readonly stream: T
  readonly #queue: Queue<StreamEvents<T>>
  readonly #node: QueueNode<StreamEvents<T>> = new QueueNode<StreamEvents<T>>(this)
  #waiting = 0

  /** @param queue the streams of the session with events */
  constructor(stream: T, queue: Queue<StreamEvents<T>>) {
    this.stream = stream
    this.#queue = queue
  }

  /** @param bits of `EventBit` */
  push(bits: number): void {
    this.#waiting |= bits
    this.#queue.push(this.#node)
  }

  /** Takes the first of the stream's events, which must have one. */
  take(): StreamEventType {
    const bit = this.#waiting & -this.#waiting
    this.#waiting ^= bit
    if (this.#waiting === 0) this.#queue.remove(this.#node)
    return EVENT_TYPES[31 - Math.clz32(bit)]!
  }
}

export type StreamEventType = 'opened' | 'readable' | 'writable' | 'delivered' | 'reset' | 'stopped' | 'finished'

const EVENT_TYPES: readonly StreamEventType[] = [
  'opened',
  'readable',
  'writable',
  'delivered',
  'reset',
  'stopped',
  'finished',
]

export const EventBit = {
  Opened: 1,
  Readable: 2,
  Writable: 4,
  Delivered: 8,
  Reset: 16,
  Stopped: 32,
  Finished: 64,
} as const
