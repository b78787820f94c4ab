import { SttError } from './stt-error.ts'

/**
 * The error that an aborted call rejects with: `STT_TIMEOUT` when the signal's reason is a `TimeoutError`
 * (as `AbortSignal.timeout` gives), else `STT_ABORTED`; `cause` is the reason.
 *
 * @param what the call, as a person would name it: "connect to ws://127.0.0.1:4433"
 */
export function abortError(signal: AbortSignal, what: string): SttError {
  const cause: unknown = signal.reason
  const timedOut = cause instanceof Error && cause.name === 'TimeoutError'
  return timedOut
    ? new SttError('STT_TIMEOUT', `${what} took longer than its signal allowed`, { cause })
    : new SttError('STT_ABORTED', `${what} was aborted by its signal`, { cause })
}

/**
 * Calls `callback` when `signal` aborts. All callers together add one listener to a signal, and remove it when the last of
 * them leaves: Node warns of a leak at more than ten listeners, even if each belongs to a call that waits.
 *
 * @param signal must not have aborted yet, or `callback` is never called
 * @returns a function that removes the callback
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const waiting = waitingFor.get(signal) ?? listenTo(signal)
  const wait = { callback }
  waiting.waits.add(wait)
  return () => {
    if (!waiting.waits.delete(wait) || waiting.waits.size > 0) return
    waitingFor.delete(signal)
    signal.removeEventListener('abort', waiting.listener)
  }
}

/**
 * Settles as `promise` does, or rejects with `abortError` if `signal` aborts first. It listens to `signal` only as long as
 * it waits.
 *
 * @param what the call, as a person would name it
 * @param discard gets a result that comes after the abort, to close it
 */
export function abortable<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  what: string,
  discard: (late: T) => void = () => {},
): Promise<T> {
  if (!signal) return promise
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(abortError(signal, what))
      // The caller has its answer: a failure that comes later is not reported as unhandled.
      promise.then(discard, () => {})
    }
    if (signal.aborted) return abort()
    const leave = onAbort(signal, abort)
    promise.then(resolve, reject).then(leave)
  })
}

interface Waiting {
  readonly waits: Set<{ readonly callback: () => void }>
  readonly listener: () => void
}

const waitingFor = new WeakMap<AbortSignal, Waiting>()

function listenTo(signal: AbortSignal): Waiting {
  const waits: Waiting['waits'] = new Set()
  const listener = (): void => {
    waitingFor.delete(signal)
    // A callback may remove others, which are then not called.
    for (const wait of [...waits]) if (waits.delete(wait)) wait.callback()
  }
  const waiting = { waits, listener }
  waitingFor.set(signal, waiting)
  signal.addEventListener('abort', listener, { once: true })
  return waiting
}
