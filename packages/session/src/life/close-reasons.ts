import { printable, SttError, type SttErrorCode, type SttErrorOptions, withoutStacks } from '@stt/errors'
import { CloseCode, type ProtocolError } from '@stt/frame'
import type { CloseReason } from '../session-events.ts'

/** This side closed the session, or had to. */
export function byThisSide(app: boolean, code: number, reason: string): CloseReason {
  const error =
    !app && code === CloseCode.AeadLimit
      ? errorOf('STT_NONCE_EXHAUSTED', 'this session has used all its packet numbers: open another')
      : errorOf('STT_CLOSED', 'this session was closed: open another')
  return { by: 'local', app, code, reason, error }
}

/** The peer's CLOSE came. */
export function byPeer(app: boolean, code: number, reason: string): CloseReason {
  // The message is for logs and terminals; the peer chose the text.
  const why = reason === '' ? `code ${code}` : `code ${code}: ${printable(reason)}`
  const details = { closeCode: code }
  const error =
    app || code === CloseCode.NoError
      ? errorOf('STT_CLOSED', `the peer closed the session (${why})`, { details })
      : errorOf('STT_PROTOCOL', `the peer ended the session because of a rule of the protocol (${why})`, {
          details,
        })
  return { by: 'peer', app, code, reason, error }
}

/** The peer broke a rule. */
export function byViolation(error: ProtocolError, reason: string): CloseReason {
  return { by: 'violation', app: false, code: error.closeCode, reason, error }
}

/** This side has a defect. */
export function byFault(cause: unknown): CloseReason {
  const message = 'the session failed from inside, which is a defect of STT: report the cause'
  const error = new SttError('STT_CLOSED', message, { cause })
  return { by: 'fault', app: false, code: CloseCode.InternalError, reason: '', error }
}

/**
 * The peer was silent for too long.
 *
 * @param milliseconds how long the silence lasted
 * @param stoodStill for how many of these this program is known to have stood still
 */
// spec: STT-PKT-28
export function bySilence(milliseconds: number, stoodStill: number): CloseReason {
  const heard = `nothing was heard from the peer for ${seconds(milliseconds)} s`
  const lost = 'what it had not acknowledged may not have arrived'
  return truncated(
    'silence',
    stoodStill < milliseconds / 10
      ? `the session ended without a close: ${heard}. It stopped, or the network between did; ${lost}`
      : `the session ended without a close: ${heard}, and this program itself stood still for ${seconds(stoodStill)} s of them: it was suspended, or busy without a pause, which may be all that happened. Else the peer stopped, or the network between did; ${lost}`,
  )
}

/** The last link ended, and no other took its place in time. */
// spec: STT-PKT-32
export function byLinkEnd(cause: Error | undefined): CloseReason {
  const why = cause ? `: ${cause.message}` : ''
  const message = `the session ended without a close, because its connection did${why}, and no other took its place. Open another session; what the peer had not acknowledged may not have arrived`
  return truncated('link', message, cause)
}

/** The peer's reset token came. */
export function byReset(): CloseReason {
  return truncated(
    'reset',
    'the peer no longer knows this session: it was restarted. Open another; what it had not acknowledged may not have arrived',
  )
}

/** Without a stack, which would show how this package noticed the end and not who caused it, and takes a twentieth of a short session. */
const errorOf = (code: SttErrorCode, message: string, options: SttErrorOptions = {}): SttError =>
  withoutStacks(() => new SttError(code, message, options))

const seconds = (milliseconds: number): number => Math.round(milliseconds / 100) / 10

function truncated(by: CloseReason['by'], message: string, cause?: Error): CloseReason {
  const error = errorOf('STT_TRUNCATED', message, cause ? { cause } : {})
  return { by, app: false, code: CloseCode.NoError, reason: '', error }
}
