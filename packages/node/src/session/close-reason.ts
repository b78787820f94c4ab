import type { CloseReason } from '@stt/session'
import { oneLine, showAs } from '../observe/inspect.ts'

/** The same reason, shown in one line, without the stack of an error that was never thrown. */
export function shownReason(reason: CloseReason): CloseReason {
  return showAs({ ...reason }, describeReason)
}

function describeReason({ by, app, code, reason, error }: CloseReason): string {
  const isClean = error.code === 'STT_CLOSED' && (by === 'local' || by === 'peer')
  return oneLine('CloseReason', {
    by,
    code: app || !isClean ? code : undefined,
    reason: reason === '' ? undefined : JSON.stringify(reason),
    error: isClean ? undefined : `${error.code} (${error.message})`,
  })
}
