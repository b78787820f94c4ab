import { type Queue, QueueNode } from './queue.ts'

/**
 * An event of a stream:
 *
 * - `opened`: the peer opened it; `StreamManager.get` returns it, unless it was given up in the meantime
 * - `readable`: bytes, or the end, can be read
 * - `writable`: `write` accepts bytes again, after it accepted fewer than it was given
 * - `delivered`: the peer acknowledged every byte and FIN
 * - `reset`: the peer gave up its sending part, with `code`
 * - `stopped`: the peer stopped reading, with `code`; this side's part was reset in answer
 * - `finished`: both parts are over, or the session is (see `error` of the stream): the manager forgets the stream
 */
export type StreamEventType = 'opened' | 'readable' | 'writable' | 'delivered' | 'reset' | 'stopped' | 'finished'

/** An event of one stream, or the news that `open` for streams of a kind may succeed again. */
export type StreamEvent =
  | { readonly type: StreamEventType; readonly id: number; readonly code?: number }
  | { readonly type: 'streams-available'; readonly unidirectional: boolean }

/** The part of a stream that its events need. */
interface EventSource {
  readonly id: number
  readonly resetCode: number | undefined
  readonly stopCode: number | undefined
}

/** The events of one stream that wait to be polled: each type at most once, in the order of their bits. */
export class StreamEvents {
  readonly #source: EventSource
  readonly #queue: Queue<StreamEvents>
  readonly #node: QueueNode<StreamEvents> = new QueueNode<StreamEvents>(this)
  #waiting = 0

  /** @param queue the streams of the session that have events */
  constructor(source: EventSource, queue: Queue<StreamEvents>) {
    this.#source = source
    this.#queue = queue
  }

  /** @param bits of `EventBit` */
  push(bits: number): void {
    this.#waiting |= bits
    this.#queue.push(this.#node)
  }

  /** Takes the first event of the stream, which must have one. */
  take(): Extract<StreamEvent, { id: number }> {
    const bit = this.#waiting & -this.#waiting
    this.#waiting ^= bit
    if (this.#waiting === 0) this.#queue.remove(this.#node)
    const { id, resetCode, stopCode } = this.#source
    const type = EVENT_TYPES[31 - Math.clz32(bit)]!
    if (type === 'reset') return { type, id, code: resetCode! }
    if (type === 'stopped') return { type, id, code: stopCode! }
    return { type, id }
  }
}

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
