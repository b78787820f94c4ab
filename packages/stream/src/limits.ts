import { checkInteger, checkOptions } from '@stt/errors'

/** What a `StreamManager` allows beyond what the handshake tells the peer. */
export interface StreamLimits {
  /** Bytes of window that a stream gets once it is read; `maxStreamData` of the handshake, which it begins with, by default. */
  readonly streamWindow: number
  /** Bytes that the receive window of one stream may grow to: 16 MiB. */
  readonly maxStreamWindow: number
  /** Bytes that the receive window of the session may grow to: 64 MiB, or what one message needs if that is more. */
  readonly maxSessionWindow: number
  /** Bytes that one stream keeps until the peer acknowledges them, whatever credit it gives: 16 MiB. */
  readonly maxStreamSend: number
  /** The same for all streams of the session: 64 MiB. */
  readonly maxSessionSend: number
  /** Gaps between the bytes that arrived on one stream: 1,024. More end the session. */
  readonly maxGaps: number
  /** The same on all streams of the session: 16,384. */
  readonly maxSessionGaps: number
  /** Messages larger than their stream's window that are taken at once: 8. Further ones wait in their streams. */
  readonly maxPartialMessages: number
  /** Milliseconds without a frame or a call after which `expire` ends a stream; 0, the default, never. */
  readonly streamIdle: number
}

/** Fills in the defaults. @throws SttError `STT_INVALID_ARGUMENT` for anything but integers that are not negative */
export function resolveLimits(given: Partial<StreamLimits> = {}): StreamLimits {
  checkOptions(given, 'limits', Object.keys(DEFAULT_LIMITS))
  const limits = { ...DEFAULT_LIMITS, ...given }
  for (const [name, value] of Object.entries(limits)) {
    const least = name === 'streamIdle' || name === 'streamWindow' ? 0 : 1
    checkInteger(value, `limits.${name}`, least, Number.MAX_SAFE_INTEGER)
  }
  return limits
}

const DEFAULT_LIMITS: StreamLimits = {
  streamWindow: 0,
  maxStreamWindow: 16 * 1024 * 1024,
  maxSessionWindow: 64 * 1024 * 1024,
  maxStreamSend: 16 * 1024 * 1024,
  maxSessionSend: 64 * 1024 * 1024,
  maxGaps: 1024,
  maxSessionGaps: 16_384,
  maxPartialMessages: 8,
  streamIdle: 0,
}
