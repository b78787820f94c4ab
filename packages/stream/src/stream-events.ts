import { Queue } from './queue.ts'
import type { Stream } from './stream.ts'
import type { StreamCore } from './stream-core.ts'

/**
 * What happened to a stream, for whoever drives the manager:
 *
 * - `opened`: the peer opened it
 * - `readable`: bytes or the end can be read
 * - `writable`: `write` accepts bytes again after it took fewer than it was given
 * - `delivered`: the peer acknowledged every byte and FIN
 * - `reset`: the peer gave up its sending part, with `code`
 * - `stopped`: the peer will not read any more, with `code`; our part was reset in answer
 * - `finished`: both parts are over (or the session is: see `stream.error`) and the manager has forgotten it
 * - `streams-available`: `open` of that kind may succeed again
 */
export type StreamEvent =
  | { readonly type: StreamEventType; readonly stream: Stream; readonly code?: number }
  | { readonly type: 'streams-available'; readonly unidirectional: boolean }

export type StreamEventType = 'opened' | 'readable' | 'writable' | 'delivered' | 'reset' | 'stopped' | 'finished'

/** Events that wait to be polled: of each stream each kind at most once, in the order of `EVENT_TYPES`. */
export class EventQueue {
  readonly #streams: Queue<StreamCore> = new Queue()

  get isEmpty(): boolean {
    return this.#streams.isEmpty
  }

  push(core: StreamCore, bit: number): void {
    core.pendingEvents |= bit
    this.#streams.push(core.eventNode)
  }

  poll(): StreamEvent | undefined {
    const core = this.#streams.first
    if (core === undefined) return undefined
    const bit = core.pendingEvents & -core.pendingEvents
    core.pendingEvents ^= bit
    if (core.pendingEvents === 0) this.#streams.remove(core.eventNode)
    const type = EVENT_TYPES[31 - Math.clz32(bit)]!
    if (bit === EventBit.Reset) return { type, stream: core.stream, code: core.receiving!.resetCode! }
    if (bit === EventBit.Stopped) return { type, stream: core.stream, code: core.sending!.stopCode! }
    return { type, stream: core.stream }
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
