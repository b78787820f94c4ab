import { isSttError, SttError } from '@stt/errors'
import type { Session } from '../api/session.ts'

/** An `onSession` handler threw, or its promise rejected: its session is closed, and the operator told where it was a bug. */
export function sessionHandlerFailed(
  session: Pick<Session, 'close' | 'state'>,
  cause: unknown,
  warn: (error: Error) => void,
): void {
  const isEnd = isSttError(cause) && session.state !== 'active'
  void session.close({ code: HANDLER_FAILED, reason: 'the session handler failed' })
  // A peer that leaves is no defect of the handler that waited for it.
  if (isEnd) return
  const message = OF_A_STREAM.has(codeOf(cause))
    ? 'an onSession handler let the failure of one stream through, and its session was closed: catch it, or serve streams with session.onStream'
    : 'an onSession handler failed; its session was closed'
  warn(new SttError('STT_CLOSED', message, { cause }))
}

const codeOf = (error: unknown): string => (isSttError(error) ? error.code : '')
const OF_A_STREAM: ReadonlySet<string> = new Set(['STT_STREAM_RESET', 'STT_STREAM_STOPPED', 'STT_STREAM_EXPIRED'])
const HANDLER_FAILED = 1
