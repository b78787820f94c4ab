import { abortable, SttError } from '@stt/errors'
import { Call } from './calls.ts'

/** Runs the tasks of one key one after the other, in order; tasks of other keys run beside them. */
export class KeyQueue {
  readonly #last = new Map<string, Call>()

  /**
   * @param signal removes a task from the queue that has not begun
   * @throws STT_INVALID_STATE, at once, when the task would wait for one that waits for it
   */
  run<T>(key: string, task: (call: Call) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const before = this.#last.get(key)
    const call = new Call(this, before)
    if (call.isStuck) {
      const message = 'a source that is being stored may not store or delete what waits for the end of that store'
      throw new SttError('STT_INVALID_STATE', `${message}: do it when the store has ended`)
    }
    const result = before ? abortable(before.ended, signal, 'the store').then(() => task(call)) : task(call)
    // The task after a removed one still waits for those before it.
    call.begin(Promise.allSettled([result, before?.ended]))
    this.#last.set(key, call)
    call.ended.then(() => {
      if (this.#last.get(key) === call) this.#last.delete(key)
    })
    return result
  }

  /** Whether the caller is a source of one of the tasks. */
  get isCalledFromWithin(): boolean {
    return Call.isWithin(this)
  }

  /** Resolves when all tasks so far have ended, whether they failed or not. */
  async idle(): Promise<void> {
    await Promise.all([...this.#last.values()].map(({ ended }) => ended))
  }
}
