import { abortError, onAbort } from '@stt/errors'
import { type OpenOptions, Queue, QueueNode } from '@stt/stream'
import { type Deferred, deferred } from '../queues/deferred.ts'
import type { StreamCore } from './stream-core.ts'

interface Wait<S> {
  readonly options: OpenOptions
  readonly opened: Deferred<S>
}

/** Opens streams in the order of the calls, two-way and one-way ones apart, each as soon as the peer allows it. */
export class StreamAllowance<S extends StreamCore = StreamCore> {
  readonly #open: (options: OpenOptions) => S | undefined
  readonly #waits: readonly [Queue<Wait<S>>, Queue<Wait<S>>] = [new Queue(), new Queue()]

  /** @param open gives nothing when the peer allows no further stream of the kind: then `raised` is called later */
  constructor(open: (options: OpenOptions) => S | undefined) {
    this.#open = open
  }

  async open(options: OpenOptions, signal: AbortSignal | undefined): Promise<S> {
    if (signal?.aborted) throw abortError(signal, 'opening a stream')
    const waits = this.#waitsFor(options.unidirectional)
    const stream = waits.isEmpty ? this.#open(options) : undefined
    if (stream) return stream
    const place = new QueueNode<Wait<S>>({ options, opened: deferred() })
    waits.push(place)
    const { promise, reject } = place.owner.opened
    if (!signal) return promise
    const leave = onAbort(signal, () => {
      waits.remove(place)
      reject(abortError(signal, 'opening a stream'))
    })
    return promise.finally(leave)
  }

  /** The peer allows more streams of the kind. */
  raised(unidirectional: boolean): void {
    const waits = this.#waitsFor(unidirectional)
    for (let wait = waits.first; wait; wait = waits.first) {
      const stream = this.#open(wait.options)
      if (!stream) return
      waits.shift()
      wait.opened.resolve(stream)
    }
  }

  /** No further stream is allowed. */
  end(error: Error): void {
    for (const waits of this.#waits) {
      for (let wait = waits.shift(); wait; wait = waits.shift()) wait.opened.reject(error)
    }
  }

  #waitsFor(unidirectional: boolean | undefined): Queue<Wait<S>> {
    return this.#waits[unidirectional ? 1 : 0]
  }
}
