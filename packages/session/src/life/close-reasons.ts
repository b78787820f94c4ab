import { SttError } from '@stt/errors'
import { CloseCode, type ProtocolError } from '@stt/frame'
import type { CloseReason } from '../session-events.ts'

/** This side closed the session, or had to. */
export function byThisSide(app: boolean, code: number, reason: string): CloseReason {
  const error =
    !app && code === CloseCode.AeadLimit
      ? new SttError('STT_NONCE_EXHAUSTED', 'this session has used all its packet numbers: open another')
      : new SttError('STT_CLOSED', 'this session was closed: open another')
  return { by: 'local', app, code, reason, error }
}

/** The peer's CLOSE came. */
export function byPeer(app: boolean, code: number, reason: string): CloseReason {
  const why = reason === '' ? `code ${code}` : `code ${code}: ${reason}`
  const details = { closeCode: code }
  const error =
    app || code === CloseCode.NoError
      ? new SttError('STT_CLOSED', `the peer closed the session (${why})`, { details })
      : new SttError('STT_PROTOCOL', `the peer ended the session because of a rule of the protocol (${why})`, {
          details,
        })
  return { by: 'peer', app, code, reason, error }
}

/** The peer broke a rule. */
export function byViolation(error: ProtocolError, reason: string): CloseReason {
  return { by: 'violation', app: false, code: error.closeCode, reason, error }
}

/** Nothing was heard for too long. */
// spec: STT-PKT-28
export function bySilence(milliseconds: number): CloseReason {
  const seconds = Math.round(milliseconds / 100) / 10
  return truncated(
    'silence',
    `the session ended without a close: nothing was heard from the peer for ${seconds} s. It stopped, or the network between did; what it had not acknowledged may not have arrived`,
  )
}

/** The only link ended, and nothing can take its place. */
// spec: STT-PKT-32
export function byLinkEnd(cause: Error | undefined): CloseReason {
  const why = cause ? `: ${cause.message}` : ''
  const message = `the session ended without a close, because its only connection did${why}. Open another; what the peer had not acknowledged may not have arrived`
  return truncated('link', message, cause)
}

/** The peer's reset token came. */
export function byReset(): CloseReason {
  return truncated(
    'reset',
    'the peer no longer knows this session: it was restarted. Open another; what it had not acknowledged may not have arrived',
  )
}

function truncated(by: CloseReason['by'], message: string, cause?: Error): CloseReason {
  const error = new SttError('STT_TRUNCATED', message, cause ? { cause } : {})
  return { by, app: false, code: CloseCode.NoError, reason: '', error }
}
