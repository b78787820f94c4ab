import { abortError, onAbort } from '@stt/errors'
import { deferred } from './deferred.ts'

/** `promise`, or the abort of `signal` if that comes first. Listens no longer than it waits. */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined, what: string): Promise<T> {
  if (!signal) return promise
  if (signal.aborted) throw abortError(signal, what)
  const abort = deferred<never>()
  const leave = onAbort(signal, () => abort.reject(abortError(signal, what)))
  try {
    return await Promise.race([promise, abort.promise])
  } finally {
    leave()
  }
}
