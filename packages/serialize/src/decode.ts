import { bytesOf, checkOptions, checkType } from '@stt/errors'
import { decodeRefusal } from './decode-refusal.ts'
import { type DecodeLimits, resolveLimits } from './limits.ts'
import { Reader } from './reader.ts'
import type { TypedValue, Value } from './value.ts'

/** How values are decoded. */
export interface DecodeOptions {
  /**
   * Gives a `TypedNumber` for each number that plain `encode` would write in another form, so that encoding the result
   * gives the same bytes again. Default false: plain values only.
   */
  readonly typed?: boolean
  /** Refuses each number that plain `encode` would write in another form. Default false. */
  readonly canonical?: boolean
  /**
   * Copies byte arrays. Default false: they are views of the input, share its later changes and keep the whole of it alive.
   */
  readonly copy?: boolean
  /** Limits of one value, each with a default. */
  readonly limits?: DecodeLimits
}

/** The type of a value decoded with `Options`. */
export type Decoded<Options extends DecodeOptions> = 'typed' extends keyof Options
  ? Options['typed'] extends false | undefined
    ? Value
    : TypedValue
  : Value

/**
 * Decodes the one value in `bytes`.
 *
 * @throws SttError `STT_DECODE` with `details.offset` and `details.rule` unless `bytes` are exactly one well-formed value
 */
export function decode<const Options extends DecodeOptions = Record<never, never>>(
  bytes: Uint8Array,
  options?: Options,
): Decoded<Options>
export function decode(given: Uint8Array, options?: DecodeOptions): TypedValue {
  const bytes = bytesOf(given, 'what is decoded')
  checkDecodeOptions(options, 'decode')
  const { typed = false, canonical = false, copy = false } = options ?? {}
  const limits = resolveLimits(options?.limits)
  if (bytes.length > limits.bytes) throw decodeRefusal(0, 'limit-bytes')
  const value = reader.readFrom(bytes, 0, bytes.length, { typed, canonical, copy, limits })
  // spec: STT-SER-19
  if (reader.position < bytes.length) throw decodeRefusal(reader.position, 'trailing')
  return value
}

/** @throws SttError `STT_INVALID_ARGUMENT` that names the option */
export function checkDecodeOptions(options: DecodeOptions | undefined, what: string): void {
  if (options === undefined) return
  checkOptions(options, what, ['typed', 'canonical', 'copy', 'limits'])
  for (const name of ['typed', 'canonical', 'copy'] as const) {
    if (options[name] !== undefined) checkType(options[name], name, 'boolean')
  }
}

// One for all calls, which never nest: decoding runs no foreign code. It also keeps the engine's code for it alive.
const reader = new Reader()
