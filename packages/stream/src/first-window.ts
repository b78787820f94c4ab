import { checkInteger } from '@stt/errors'

/** Options of `firstStreamWindow`. */
export interface FirstWindowOptions {
  /** Bytes of the session's window, `maxData` of the handshake. */
  readonly sessionWindow: number
  /** Bytes of window that a stream in use should have. */
  readonly streamWindow: number
  /** Streams that the peer may have open, of both kinds together. */
  readonly streams: number
  /** Bytes of the largest message. */
  readonly maxMessage: number
}

/**
 * Bytes to state as `maxStreamData` in the handshake: how much each stream may bring before it is read. The first windows of
 * all streams, one message and 1 MiB for streams that are read fit into the session's window together, so unread streams
 * cannot stop others. The result is 16 KiB at most; a stream that is read gets more at once.
 *
 * @throws SttError `STT_INVALID_ARGUMENT` for anything but whole numbers that are not negative
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
