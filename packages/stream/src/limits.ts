import { SttError } from '@stt/errors'

/** What a `StreamManager` allows beyond what the handshake tells the peer. */
export interface StreamLimits {
  /** Bytes that the receive window of one stream may grow to: 16 MiB. */
  readonly maxStreamWindow: number
  /** Bytes that the receive window of the session may grow to: 64 MiB. */
  readonly maxSessionWindow: number
  /** Gaps between the bytes that arrived on one stream: 1,024. More end the session. */
  readonly maxGaps: number
  /** Messages that are assembled at once: 8. Further ones wait in their streams. */
  readonly maxPartialMessages: number
  /** Milliseconds without a frame or a call after which `expire` ends a stream; 0, the default, never. */
  readonly streamIdle: number
}

/** Fills in the defaults. @throws SttError `STT_INVALID_ARGUMENT` for anything but integers that are not negative */
export function resolveLimits(given: Partial<StreamLimits> = {}): StreamLimits {
  const limits = { ...DEFAULT_LIMITS, ...given }
  for (const [name, value] of Object.entries(limits))
    if (!Number.isSafeInteger(value) || value < (name === 'streamIdle' ? 0 : 1))
      throw new SttError('STT_INVALID_ARGUMENT', `limits.${name} is ${value}: give a whole number`)
  return limits
}

const DEFAULT_LIMITS: StreamLimits = {
  maxStreamWindow: 16 * 1024 * 1024,
  maxSessionWindow: 64 * 1024 * 1024,
  maxGaps: 1024,
  maxPartialMessages: 8,
  streamIdle: 0,
}
