import { inspect } from 'node:util'
import { expect, test, vi } from 'vitest'
import { abortError, isSttError, SttError } from './index.ts'

test('an error carries code, message, cause and details, which nobody can change', () => {
  const cause = new Error('beneath')
  const details = { offset: 3 }
  const error = new SttError('STT_DECODE', 'read further', { cause, details })
  details.offset = 4
  expect(error).toMatchObject({
    name: 'SttError',
    code: 'STT_DECODE',
    message: 'read further',
    cause,
    details: { offset: 3 },
  })
  expect(Object.isFrozen(error.details)).toBe(true)
  expect(new SttError('STT_DECODE', 'no cause')).not.toHaveProperty('cause')
  expect(inspect(error)).toContain('STT_DECODE')
})

test('isSttError tells errors of ours from others, and one code from another', () => {
  const error = new SttError('STT_BUSY', 'try again')
  expect(isSttError(error)).toBe(true)
  expect(isSttError(error, 'STT_BUSY')).toBe(true)
  expect(isSttError(error, 'STT_CLOSED')).toBe(false)
  for (const other of [new Error('STT_BUSY'), { code: 'STT_BUSY' }, 'STT_BUSY', undefined, null]) {
    expect(isSttError(other)).toBe(false)
  }
})

test('isSttError knows the errors of another copy of this package, and no look-alike without its mark', async () => {
  vi.resetModules()
  const copy = await import('./stt-error.ts')
  const foreign = new copy.SttError('STT_CLOSED', 'from another copy')
  expect(foreign instanceof SttError).toBe(false)
  expect(isSttError(foreign, 'STT_CLOSED')).toBe(true)
  expect(isSttError(Object.assign(new Error('alike'), { name: 'SttError', code: 'STT_CLOSED' }))).toBe(false)
})

test('an aborted call tells a time-out from another reason', () => {
  const timeout = new DOMException('over', 'TimeoutError')
  expect(abortError(AbortSignal.abort(timeout), 'the call')).toMatchObject({ code: 'STT_TIMEOUT', cause: timeout })
  expect(abortError(AbortSignal.abort('changed my mind'), 'the call')).toMatchObject({
    code: 'STT_ABORTED',
    cause: 'changed my mind',
  })
  expect(abortError(AbortSignal.abort(), 'dial ws://a').message).toContain('dial ws://a')
})
