import { printable } from './printable.ts'
import { SttError } from './stt-error.ts'

/**
 * The bytes of an argument, not copied. Every public call that takes bytes uses this function, so all take the same: a
 * `Uint8Array` (a `Buffer` is one), any other view, and an `ArrayBuffer`, of any realm, each as the bytes that it covers.
 *
 * @param what the argument, as a person would name it: "the message"
 * @throws SttError `STT_INVALID_ARGUMENT` that names the type of `value`; also for memory that was transferred away
 */
export function bytesOf(value: unknown, what: string): Uint8Array {
  // Checked first, as a proxy of an array is an instance of its class, and has no bytes.
  if (ArrayBuffer.isView(value)) {
    if (value instanceof Uint8Array && value.length > 0) return value
    // Of another realm, or a view of another type: a Uint8Array of the same memory is made.
    return viewOf(value.buffer, value.byteOffset, value.byteLength, what)
  }
  if (isBuffer(value)) return viewOf(value, 0, undefined, what)
  throw new SttError(
    'STT_INVALID_ARGUMENT',
    `${what} must be bytes (a Uint8Array), not ${describe(value)}${hint(value)}`,
  )
}

/**
 * Checks that `value` is an object whose names are all among `known`, so that a misspelt option is refused and not ignored.
 * `undefined` passes.
 *
 * @param what whose options, as a person would name them: "connect"
 * @throws SttError `STT_INVALID_ARGUMENT`
 */
export function checkOptions(value: unknown, what: string, known: readonly string[]): void {
  if (value === undefined) return
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) {
    throw new SttError('STT_INVALID_ARGUMENT', `the options of ${what} are an object, not ${describe(value)}`)
  }
  const unknown = Object.keys(value).find(name => !known.includes(name))
  if (unknown === undefined) return
  throw new SttError(
    'STT_INVALID_ARGUMENT',
    `${printable(unknown, 64)} is not an option of ${what}: it has ${known.join(', ')}`,
  )
}

/** @throws SttError `STT_INVALID_ARGUMENT` unless `value` is a whole number from `min` to `max` */
export function checkInteger(value: unknown, what: string, min: number, max: number): asserts value is number {
  if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max) return
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`
  throw new SttError('STT_INVALID_ARGUMENT', `${what} must be a whole number ${range}, not ${describe(value)}`)
}

/** @throws SttError `STT_INVALID_ARGUMENT` unless `typeof value` is `type` */
export function checkType(value: unknown, what: string, type: 'boolean' | 'function' | 'string'): void {
  if (typeof value === type) return
  throw new SttError('STT_INVALID_ARGUMENT', `${what} must be ${TYPES[type]}, not ${describe(value)}`)
}

/**
 * Checks that `value` is an `AbortSignal`, of any realm. `undefined` passes.
 *
 * @param what whose signal, as a person would name it: "connect"
 * @throws SttError `STT_INVALID_ARGUMENT`
 */
export function checkSignal(value: unknown, what: string): asserts value is AbortSignal | undefined {
  if (value === undefined) return
  const { aborted, addEventListener } = (value ?? {}) as Partial<AbortSignal>
  if (typeof aborted === 'boolean' && typeof addEventListener === 'function') return
  const hint = typeof AbortController !== 'undefined' && value instanceof AbortController ? ': pass its signal' : ''
  throw new SttError(
    'STT_INVALID_ARGUMENT',
    `the signal of ${what} must be an AbortSignal, not ${describe(value)}${hint}`,
  )
}

/** Names the type of an argument for an error, without showing texts or bytes, which may be secret. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'string') return `a text of ${value.length} characters`
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'symbol') return 'a symbol'
  if (Array.isArray(value)) return 'an array'
  const name = className(value)
  return /^[aeio]/i.test(name) ? `an ${name}` : `a ${name}`
}

/** Refuses memory that was transferred away, which reads as empty; an empty array is taken. */
function viewOf(buffer: ArrayBufferLike, offset: number, length: number | undefined, what: string): Uint8Array {
  try {
    return new Uint8Array(buffer, offset, length)
  } catch (cause) {
    const message = `${what} lies in memory that was transferred away, or has shrunk: pass a copy`
    throw new SttError('STT_INVALID_ARGUMENT', message, { cause })
  }
}

/** Looks at the internal slot, which works across realms and which other objects cannot imitate. */
function isBuffer(value: unknown): value is ArrayBufferLike {
  if (typeof value !== 'object' || value === null) return false
  try {
    byteLengthOf.call(value)
    return true
  } catch {
    return isSharedBuffer(value)
  }
}

function isSharedBuffer(value: object): boolean {
  if (sharedByteLengthOf === undefined) return false
  try {
    sharedByteLengthOf.call(value)
    return true
  } catch {
    return false
  }
}

/** The class's name. A getter of `value` that throws does not make this function throw. */
function className(value: object): string {
  try {
    const { name } = value.constructor
    return typeof name === 'string' && name !== '' && name !== 'Object' ? printable(name, 64) : 'object'
  } catch {
    return 'object'
  }
}

function hint(value: unknown): string {
  if (typeof value === 'string') return ': new TextEncoder().encode(text) gives the bytes of a text'
  if (Array.isArray(value)) return ': Uint8Array.from(numbers) makes some'
  if (typeof Blob !== 'undefined' && value instanceof Blob)
    return ': await blob.arrayBuffer() gives the bytes of a Blob'
  return ''
}

const TYPES = { boolean: 'true or false', function: 'a function', string: 'a text' } as const

const byteLengthOf = getterOf(ArrayBuffer.prototype)
/** A page that is not isolated has no such class. */
const sharedByteLengthOf = typeof SharedArrayBuffer === 'undefined' ? undefined : getterOf(SharedArrayBuffer.prototype)

function getterOf(prototype: object): () => number {
  return Object.getOwnPropertyDescriptor(prototype, 'byteLength')!.get as () => number
}
