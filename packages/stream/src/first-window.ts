import { checkInteger } from '@stt/errors'

export interface FirstWindowOptions {
  /** Bytes of the session window, `maxData` of the handshake. */
  readonly sessionWindow: number
  /** Bytes of window that a stream in use should have. */
  readonly streamWindow: number
  /** Streams that the peer may have open, of both kinds together. */
  readonly streams: number
  /** Bytes of the largest message. */
  readonly maxMessage: number
}

/**
 * Bytes to state as `maxStreamData` in the handshake: what every stream may bring before anybody reads it. It is so
 * small that the first windows of all streams, one message and 1 MiB for streams that are read fit into the session
 * window together: then streams that nobody reads can stop no other one. At most 16 KiB, a stream that is read
 * gets more at once.
 */
// spec: STT-STR-26
export function firstStreamWindow(options: FirstWindowOptions): number {
  for (const name of ['sessionWindow', 'streamWindow', 'streams', 'maxMessage'] as const) {
    checkInteger(options?.[name], name, 0, Number.MAX_SAFE_INTEGER)
  }
  const { sessionWindow, streamWindow, streams, maxMessage } = options
  const share = Math.max(sessionWindow / 4, sessionWindow - maxMessage - READERS) / Math.max(1, streams)
  return Math.min(streamWindow, MAX_FIRST_WINDOW, Math.max(1, Math.floor(share)))
}

const MAX_FIRST_WINDOW = 16 * 1024
const READERS = 1024 * 1024
