import { SttError } from '@stt/errors'
import { CloseCode } from './close-code.ts'
import { ProtocolError } from './protocol-error.ts'

/** Why bytes were not a frame. Each malformed form has its own name, carried as `details.rule`. */
export type FrameRule =
  | 'truncated'
  | 'varint-not-minimal'
  | 'varint-too-large'
  | 'unknown-frame'
  | 'empty-packet'
  | 'ack-range-below-zero'
  | 'offset-too-large'
  | 'stream-count-too-large'
  | 'close-app-flag'
  | 'close-reason-too-long'
  | 'close-reason-not-utf8'

export function malformed(rule: FrameRule, offset: number, what: string): ProtocolError {
  const closeCode = rule === 'unknown-frame' ? CloseCode.UnknownFrame : CloseCode.FrameEncoding
  return new ProtocolError(closeCode, `the peer sent ${what} at byte ${offset} of a packet`, { rule, offset })
}

export function invalidArgument(message: string): SttError {
  return new SttError('STT_INVALID_ARGUMENT', message)
}
