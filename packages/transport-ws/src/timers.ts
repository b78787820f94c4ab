import { describe, SttError } from '@stt/errors'

/** One-shot timers. They can be replaced, so that tests run deadlines without waiting. */
export interface Timers {
  /** Calls `callback` once, `delay` milliseconds from now. @returns a handle for `clear` */
  set(callback: () => void, delay: number): unknown
  /** Cancels a timer; does nothing if it already ran. */
  clear(handle: unknown): void
  /** Milliseconds of a clock that never goes back. */
  now(): number
}

/** The platform's timers. They do not keep a Node process alive: an open socket does that. */
export const systemTimers: Timers = {
  set: (callback, delay) => {
    const handle: unknown = setTimeout(callback, delay)
    if (typeof handle === 'object' && handle !== null && 'unref' in handle) (handle as { unref(): void }).unref()
    return handle
  },
  now: () => performance.now(),
  clear: handle => clearTimeout(handle as ReturnType<typeof setTimeout>),
}

/** @throws SttError `STT_INVALID_ARGUMENT` unless `timers` has `set` and `clear`, or is undefined */
export function checkTimers(timers: unknown): void {
  if (timers === undefined) return
  const { set, clear } = (timers ?? {}) as Partial<Timers>
  if (typeof set === 'function' && typeof clear === 'function') return
  throw new SttError('STT_INVALID_ARGUMENT', `timers must have set and clear, and is ${describe(timers)}`)
}
