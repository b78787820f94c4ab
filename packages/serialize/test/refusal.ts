import { isSttError } from '@stt/errors'

/** Code and details of the `SttError` that `call` throws. Anything else that it throws, or nothing, is an error. */
export function refusal(call: () => unknown): {
  readonly code: string
  readonly rule?: unknown
  readonly offset?: unknown
  readonly path?: unknown
} {
  try {
    call()
  } catch (error) {
    if (isSttError(error)) return { code: error.code, ...error.details }
    throw error
  }
  throw new Error('nothing was thrown')
}
