import { abortError } from '@stt/errors'

/** What `promise` gives, or the signal's error as soon as it aborts. Nothing is left at the signal. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined, what: string): Promise<T> {
  if (!signal) return promise
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(abortError(signal, what))
    const leave = (): void => signal.removeEventListener('abort', abort)
    signal.addEventListener('abort', abort)
    promise.then(resolve, reject).then(leave, leave)
    if (signal.aborted) abort()
  })
}
