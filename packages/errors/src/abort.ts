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
