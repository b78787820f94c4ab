import { isSttError, SttError, type SttErrorDetails } from '@stt/errors'

/** The error for stored bytes that this chamber did not write there: changed, missing, or moved. */
export function corrupt(what: string, cause?: unknown, details: SttErrorDetails = {}): SttError {
  return new SttError(
    'STT_CHAMBER_CORRUPT',
    what + ADVICE_IF_CORRUPT,
    cause === undefined ? { details } : { cause, details },
  )
}

/** `corrupt` for the object of a key. The message has a short form of the key, `details.key` all of it. */
export function corruptObject(key: string, cause: unknown): SttError {
  const why = isSttError(cause, 'STT_CHAMBER_CORRUPT')
    ? cause.message.slice(0, -ADVICE_IF_CORRUPT.length)
    : 'it was changed'
  return corrupt(`the object of the key ${shown(key)}: ${why}`, cause, { key })
}

/** A key for the text of an error, cut short and without control characters. */
export function shown(key: string): string {
  const start = key.slice(0, 80).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?')
  return `"${start}${key.length > 80 ? '…' : ''}"`
}

/** Whether an error says that bytes are not genuine; other errors are the store's. */
export function saysForged(error: unknown): boolean {
  return FORGED.some(code => isSttError(error, code))
}

/** `corrupt` for an error that says that bytes are not genuine; any other error unchanged. */
export function asCorrupt(what: string, error: unknown): unknown {
  return saysForged(error) ? corrupt(what, error) : error
}

/** The error of a store, with advice for the usual ones. */
export function storeFailure(what: string, cause: unknown): SttError {
  if (isSttError(cause)) return cause
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const advice = ADVICE[code] ?? 'the cause says why'
  return new SttError('STT_CHAMBER_STORE', `${what} failed: ${advice}`, { cause, details: code ? { code } : {} })
}

/** Whether a store failed because it is full. */
export function saysFull(error: unknown): boolean {
  if (!isSttError(error, 'STT_CHAMBER_STORE')) return false
  return error.details['code'] === 'ENOSPC' || error.details['code'] === 'EDQUOT'
}

export function closed(): SttError {
  return new SttError('STT_CLOSED', 'the chamber was closed; open it again')
}

export function invalid(message: string): SttError {
  return new SttError('STT_INVALID_ARGUMENT', message)
}

const ADVICE_IF_CORRUPT = '; restore it from a copy, this chamber gives no bytes it cannot prove'

const FORGED = ['STT_AUTHENTICATION', 'STT_TRUNCATED', 'STT_DECODE'] as const

const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full, free some space and try again',
  EDQUOT: 'the quota is used up, free some space and try again',
  EACCES: 'this user may not do that there, give it the rights or choose another folder',
  EPERM: 'this user may not do that there, give it the rights or choose another folder',
  EROFS: 'the file system is read-only, mount it for writing or open the chamber with readOnly: true',
  EMFILE: 'too many files are open in this process, store fewer objects at once',
  ENFILE: 'too many files are open on this machine',
  ENOTDIR: 'a part of the path is a file, choose another folder',
}
