import { checkType, SttError } from '@stt/errors'

/** Subprotocol of STT version 1, which both ends require by default. */
export const SUBPROTOCOL = 'stt.v1'

/** @throws SttError `STT_INVALID_ARGUMENT` if `name` is no subprotocol name (RFC 6455 §4.1: an HTTP token) */
export function checkSubprotocol(name: unknown): void {
  checkType(name, 'a subprotocol', 'string')
  if (/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name as string)) return
  throw new SttError('STT_INVALID_ARGUMENT', 'a subprotocol is a name without spaces and commas, such as stt.v1')
}
