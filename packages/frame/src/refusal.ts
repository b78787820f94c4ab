import { SttError } from '@stt/errors'
import { CloseCode } from './close-code.ts'
import { ProtocolError } from './protocol-error.ts'

/** The name of a malformed form, as `details.rule` of a `ProtocolError`. */
export type FrameRule =
  | 'truncated'
  | 'varint-not-minimal'
  | 'varint-too-large'
  | 'unknown-frame'
  | 'empty-packet'
  | 'ack-range-below-zero'
  | 'offset-too-large'
  | 'stream-count-too-large'
  | 'join-serial-zero'
  | 'close-app-flag'
  | 'close-reason-too-long'
  | 'close-reason-not-utf8'
  | 'message-too-large'
  | 'candidate-length'
  | 'address-list'

export function malformed(rule: FrameRule, offset: number, what: string): ProtocolError {
  const closeCode = CLOSE_CODES[rule] ?? CloseCode.FrameEncoding
  return new ProtocolError(closeCode, `the peer sent ${what}, at byte ${offset}`, { rule, offset })
}

export function invalidArgument(message: string): SttError {
  return new SttError('STT_INVALID_ARGUMENT', message)
}

// spec: STT-FRM-6 STT-FRM-13 STT-FRM-14
const CLOSE_CODES: Partial<Record<FrameRule, CloseCode>> = {
  'unknown-frame': CloseCode.UnknownFrame,
  'message-too-large': CloseCode.MessageTooLarge,
}
