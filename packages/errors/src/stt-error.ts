import type { SttErrorCode } from './codes.ts'

/** Marks an `SttError` of any version of this package: two copies in one program have two classes. */
const brand = Symbol.for('stt.error')

/** What can be said of an error beyond its message: offsets, limits, wire codes. Never a secret. */
export type SttErrorDetails = Readonly<Record<string, string | number | boolean>>

export interface SttErrorOptions {
  /** The error or abort reason beneath this one. */
  readonly cause?: unknown
  readonly details?: SttErrorDetails
}

/** The one error class of STT. `code` is stable; `message` is for people and says what to do. */
export class SttError extends Error {
  override readonly name: string = 'SttError'
  readonly code: SttErrorCode
  readonly details: SttErrorDetails

  constructor(code: SttErrorCode, message: string, options: SttErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.details = Object.freeze({ ...options.details })
    Object.defineProperty(this, brand, { value: true })
  }
}

/** Whether `error` is an `SttError` (of any version of this package) and, when given, carries `code`. */
export function isSttError(error: unknown, code?: SttErrorCode): error is SttError {
  if (!(error instanceof Error) || !Object.hasOwn(error, brand)) return false
  return code === undefined || (error as SttError).code === code
}
