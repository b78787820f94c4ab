import { checkOptions, SttError } from '@stt/errors'

/** Limits of decoding one value. Memory is counted before it is allocated. */
export interface DecodeLimits {
  /** Nested containers, 0 … 64. Default 64, the maximum of the format. */
  readonly depth?: number
  /** Encoded bytes of one value. Default: no limit for `decode`, 2 MiB for a `Decoder`. */
  readonly bytes?: number
  /**
   * Bytes of memory that the decoded value may take beside its text and byte content, as estimated. Default 2 MiB, the size of
   * the largest message. It bounds the cost of many tiny values: two million nulls are 2 MiB encoded and 16 MiB as a list.
   */
  readonly memory?: number
}

export interface ResolvedLimits {
  readonly depth: number
  readonly bytes: number
  readonly memory: number
}

// spec: STT-SER-20
export const MAX_DEPTH = 64

/** Estimated bytes of the parts of a decoded value, measured with V8 on 64 bits, where they are large. */
export const cost = {
  list: 56,
  listItem: 8,
  dict: 144,
  /** The key's string, and the property of a dict of a new shape. */
  dictEntry: 56,
  string: 24,
  /** The object of a `Uint8Array`, whether a view or a copy. */
  bytes: 112,
  /** A float or a 64-bit integer, which the engine may keep outside its slot. */
  number: 16,
  bigint: 40,
  wrapper: 48,
} as const

const defaults: ResolvedLimits = { depth: MAX_DEPTH, bytes: Number.POSITIVE_INFINITY, memory: 2 * 1024 * 1024 }
const streamDefaults: ResolvedLimits = { ...defaults, bytes: 2 * 1024 * 1024 }

export const resolveLimits = (limits: DecodeLimits | undefined): ResolvedLimits => resolve(limits, defaults)
export const resolveStreamLimits = (limits: DecodeLimits | undefined): ResolvedLimits => resolve(limits, streamDefaults)

function resolve(limits: DecodeLimits | undefined, fallback: ResolvedLimits): ResolvedLimits {
  if (limits === undefined) return fallback
  checkOptions(limits, 'limits', ['depth', 'bytes', 'memory'])
  return {
    depth: check('depth', limits.depth ?? fallback.depth, MAX_DEPTH),
    bytes: check('bytes', limits.bytes ?? fallback.bytes, Number.POSITIVE_INFINITY),
    memory: check('memory', limits.memory ?? fallback.memory, Number.POSITIVE_INFINITY),
  }
}

function check(name: keyof DecodeLimits, value: number, maximum: number): number {
  const whole = Number.isInteger(value) || value === Number.POSITIVE_INFINITY
  if (whole && value >= 0 && value <= maximum) return value
  throw new SttError('STT_INVALID_ARGUMENT', `limits.${name} must be an integer from 0 to ${maximum}`, {
    details: { argument: `limits.${name}` },
  })
}
