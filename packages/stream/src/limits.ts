import { checkInteger, checkOptions } from '@stt/errors'

/** The limits of a `StreamManager` that the handshake does not tell the peer. */
export interface StreamLimits {
  /** Bytes of window that a stream gets once it is read; by default `maxStreamData` of the handshake, with which it begins. */
  readonly streamWindow: number
  /** Bytes to which the receive window of one stream may grow: 16 MiB. */
  readonly maxStreamWindow: number
  /** Bytes to which the receive window of the session may grow: 64 MiB, or what one message needs if that is more. */
  readonly maxSessionWindow: number
  /** Bytes that one stream keeps until the peer acknowledges them, whatever credit it gives: 16 MiB. */
  readonly maxStreamSend: number
  /** Bytes that all streams together keep until the peer acknowledges them, whatever credit it gives: 64 MiB. */
  readonly maxSessionSend: number
  /** Gaps between the bytes that arrived on one stream: 1,024. One more ends the session. */
  readonly maxGaps: number
  /** Gaps between the bytes that arrived on all streams together: 16,384. One more ends the session. */
  readonly maxSessionGaps: number
  /** Messages larger than the window of their stream that arrive at the same time: 8. Others wait in their streams. */
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
