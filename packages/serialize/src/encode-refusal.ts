import { SttError } from '@stt/errors'

/** Why a value cannot be encoded; in `details.rule` of an `STT_ENCODE` error. */
export type EncodeRule =
  | 'undefined'
  | 'function'
  | 'symbol'
  | 'class-instance'
  | 'sparse-array'
  | 'cycle'
  | 'depth'
  | 'surrogate'
  | 'integer-range'
  | 'length'

/**
 * Thrown inside the encoder only, while the path is unknown: each container adds its segment on the way out. It is no Error,
 * so the error that the caller sees has one stack, and the value itself is never part of a message.
 */
export class EncodeRefusal {
  readonly rule: EncodeRule
  readonly advice: string
  readonly #segments: (string | number)[] = []

  constructor(rule: EncodeRule, advice: string) {
    this.rule = rule
    this.advice = advice
  }

  /** Adds the segment of the next outer container. @returns this refusal, to be thrown again */
  within(segment: string | number): this {
    this.#segments.push(segment)
    return this
  }

  toError(): SttError {
    const path = `$${this.#segments.reverse().map(formatSegment).join('')}`
    return new SttError('STT_ENCODE', `cannot encode ${path}: ${this.advice}`, { details: { path, rule: this.rule } })
  }
}

function formatSegment(segment: string | number): string {
  if (typeof segment === 'number') return `[${segment}]`
  const shown = segment.length > MAX_SHOWN ? `${segment.slice(0, MAX_SHOWN)}…` : segment
  return /^[A-Za-z_$][\w$]*$/.test(shown) ? `.${shown}` : `[${JSON.stringify(shown)}]`
}

const MAX_SHOWN = 64
