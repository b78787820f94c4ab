import type { SttErrorCode } from './codes.ts'

/** Facts of an error beyond its message: offsets, limits, wire codes. Never a secret. */
export type SttErrorDetails = Readonly<Record<string, string | number | boolean>>

/** Optional parts of an error. */
export interface SttErrorOptions {
  /** The error or abort reason beneath this one. */
  readonly cause?: unknown
  /** Default: none. */
  readonly details?: SttErrorDetails
}

/** An error as JSON: `toJSON` makes it, and `SttError.from` makes the error again. */
export interface SttErrorJson {
  readonly name: 'SttError'
  readonly code: SttErrorCode
  readonly message: string
  readonly details: SttErrorDetails
}

/** The one error class of STT. `code` is stable; `message` is for people and says what to do. */
export class SttError extends Error {
  /** Always `SttError`. */
  override readonly name: string = 'SttError'
  /** The kind of error, for programs: a code never changes its meaning. */
  readonly code: SttErrorCode
  /** Facts beyond the message; frozen. */
  readonly details: SttErrorDetails

  constructor(code: SttErrorCode, message: string, options: SttErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.details = Object.freeze({ ...options.details })
    writeCodeIntoStack(this)
  }

  /**
   * Makes an `SttError` of this copy of the package from one of another copy or realm, one that a worker threw or posted, or
   * the result of `toJSON`. A posted error has lost its `details`.
   *
   * @returns undefined for anything else
   */
  static from(value: unknown): SttError | undefined {
    if (value instanceof SttError) return value
    if (isSttError(value)) {
      const { code, message, details, stack } = value as SttError
      const error = new SttError(code, message, {
        details: plain(details),
        ...('cause' in value && { cause: value.cause }),
      })
      if (stack !== undefined) error.stack = stack
      return error
    }
    if (typeof value !== 'object' || value === null) return undefined
    const { name, code, message, details } = value as Record<keyof SttErrorJson, unknown>
    if (name !== 'SttError' || !isCode(code) || typeof message !== 'string') return undefined
    return new SttError(code, message, { details: plain(details) })
  }

  /** All but stack and cause, for `JSON.stringify`, and for `postMessage`, which loses parts of errors in some browsers. */
  toJSON(): SttErrorJson {
    return { name: 'SttError', code: this.code, message: this.message, details: this.details }
  }
}

/**
 * Whether `error` is an `SttError`, and carries `code` if that is given. Errors of another version of this package, another
 * realm or a worker count too. An error that was posted (`postMessage`, `structuredClone`) has lost its name and code, and
 * gets them back here.
 */
export function isSttError(error: unknown, code?: SttErrorCode): error is SttError {
  if (!isError(error)) return false
  const isOurs = hasName(error) || isRestored(error)
  return isOurs && (code === undefined || (error as SttError).code === code)
}

/** Works across realms, where `instanceof` does not. */
function isError(value: unknown): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]'
}

/** Whether an error has the class's name and a code of STT: errors of every copy do, and those that a worker threw. */
function hasName(error: Error): boolean {
  try {
    return error.name === 'SttError' && isCode((error as { code?: unknown }).code)
  } catch {
    // A getter of a foreign object threw.
    return false
  }
}

/** A clone keeps message, cause and stack; the first line of the stack names the code. */
function isRestored(error: Error): boolean {
  const code = codeOfStack(error)
  if (code === undefined || !Object.isExtensible(error)) return false
  Object.defineProperties(error, {
    name: { value: 'SttError', configurable: true, writable: true },
    code: { value: code, configurable: true, enumerable: true, writable: true },
    details: { value: Object.freeze({}), configurable: true, writable: true },
  })
  return true
}

/** Keeps only valid details, as `details` may come from anywhere. */
function plain(details: unknown): SttErrorDetails {
  if (typeof details !== 'object' || details === null) return {}
  const kept = Object.entries(details).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
  return Object.fromEntries(kept) as SttErrorDetails
}

/** The stack is formatted when it is first read, so it is read here, while the name shows the code. */
function writeCodeIntoStack(error: SttError): void {
  const named = error as { name: string }
  named.name = `SttError [${error.code}]`
  void error.stack
  named.name = 'SttError'
}

function codeOfStack(error: Error): SttErrorCode | undefined {
  try {
    return /^SttError \[(STT_[A-Z_]+)\]/.exec(error.stack ?? '')?.[1] as SttErrorCode | undefined
  } catch {
    return undefined
  }
}

const isCode = (code: unknown): code is SttErrorCode => typeof code === 'string' && /^STT_[A-Z_]+$/.test(code)
