import { describe, SttError } from '@stt/errors'

/** One-shot timers, given from outside so that a test runs deadlines without waiting for them. */
export interface Timers {
  /** Calls `callback` once, `delay` milliseconds from now. */
  set(callback: () => void, delay: number): unknown
  clear(handle: unknown): void
  /** Milliseconds that never go back. */
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

/** @throws SttError `STT_INVALID_ARGUMENT` unless `timers` has both calls, or is undefined */
export function checkTimers(timers: unknown): void {
  if (timers === undefined) return
  const { set, clear } = (timers ?? {}) as Partial<Timers>
  if (typeof set === 'function' && typeof clear === 'function') return
  throw new SttError('STT_INVALID_ARGUMENT', `timers must have set and clear, and is ${describe(timers)}`)
}
