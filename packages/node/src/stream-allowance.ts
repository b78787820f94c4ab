import { abortable } from './abortable.ts'
import { type Deferred, deferred } from './deferred.ts'

/** Waits for the peer to allow further streams: two-way and one-way ones are counted apart. */
export class StreamAllowance {
  readonly #waits: [Deferred<void> | undefined, Deferred<void> | undefined] = [undefined, undefined]

  /** Until `raised` is called for the kind, which says nothing of who gets there first: then ask again. */
  wait(unidirectional: boolean, signal: AbortSignal | undefined): Promise<void> {
    const wait = (this.#waits[unidirectional ? 1 : 0] ??= deferred())
    return abortable(wait.promise, signal, 'opening a stream')
  }

  raised(unidirectional: boolean): void {
    const kind = unidirectional ? 1 : 0
    this.#waits[kind]?.resolve()
    this.#waits[kind] = undefined
  }

  /** Nothing is allowed any more. */
  end(error: Error): void {
    for (const wait of this.#waits) wait?.reject(error)
  }
}
