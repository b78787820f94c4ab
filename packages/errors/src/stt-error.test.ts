import { inspect } from 'node:util'
import vm from 'node:vm'
import { expect, test, vi } from 'vitest'
import { abortError, isSttError, SttError } from './index.ts'

test('an error carries code, message, cause and details, which are frozen', () => {
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

test('isSttError tells errors of STT from others, and one code from another', () => {
  const error = new SttError('STT_BUSY', 'try again')
  expect(isSttError(error)).toBe(true)
  expect(isSttError(error, 'STT_BUSY')).toBe(true)
  expect(isSttError(error, 'STT_CLOSED')).toBe(false)
  for (const other of [new Error('STT_BUSY'), { code: 'STT_BUSY' }, 'STT_BUSY', undefined, null]) {
    expect(isSttError(other)).toBe(false)
  }
})

test('isSttError knows the errors of another copy of this package', async () => {
  vi.resetModules()
  const copy = await import('./stt-error.ts')
  const foreign = new copy.SttError('STT_CLOSED', 'from another copy', { details: { offset: 3 } })
  expect(foreign instanceof SttError).toBe(false)
  expect(isSttError(foreign, 'STT_CLOSED')).toBe(true)
  expect(SttError.from(foreign)).toMatchObject({ code: 'STT_CLOSED', details: { offset: 3 } })
  expect(SttError.from(foreign)).toBeInstanceOf(SttError)
})

test('an error of another realm is one', () => {
  const foreign: unknown = vm.runInNewContext(
    "Object.assign(new Error('from there'), { name: 'SttError', code: 'STT_BUSY', details: {} })",
  )
  expect(foreign instanceof Error).toBe(false)
  expect(isSttError(foreign, 'STT_BUSY')).toBe(true)
  expect(isSttError(vm.runInNewContext("Object.assign(new Error('x'), { code: 'STT_BUSY' })"))).toBe(false)
})

test('a cloned error gets its name and its code back, and keeps message, stack and cause', () => {
  const error = new SttError('STT_CLOSED', 'two\nlines', { cause: new Error('beneath'), details: { code: 7 } })
  const clone = structuredClone(error)
  expect(isSttError(clone, 'STT_BUSY')).toBe(false)
  expect(isSttError(structuredClone(error), 'STT_CLOSED')).toBe(true)
  expect(isSttError(clone)).toBe(true)
  expect(clone).toMatchObject({ name: 'SttError', code: 'STT_CLOSED', message: 'two\nlines', details: {} })
  const restored = SttError.from(structuredClone(error))
  expect(restored).toBeInstanceOf(SttError)
  expect(restored).toMatchObject({ code: 'STT_CLOSED', message: 'two\nlines', stack: error.stack })
  expect(restored?.cause).toMatchObject({ message: 'beneath' })
  expect(isSttError(structuredClone(new Error('another library')))).toBe(false)
  expect(isSttError(Object.freeze(structuredClone(error)))).toBe(false)
})

test('JSON carries all but stack and cause, and comes back', () => {
  const error = new SttError('STT_LIMIT', 'too many', { cause: new Error('beneath'), details: { limit: 3 } })
  const json: unknown = JSON.parse(JSON.stringify(error))
  expect(json).toEqual({ name: 'SttError', code: 'STT_LIMIT', message: 'too many', details: { limit: 3 } })
  expect(SttError.from(json)).toMatchObject({ code: 'STT_LIMIT', message: 'too many', details: { limit: 3 } })
  expect(SttError.from({ ...(json as object), details: { deep: {}, fine: true } })?.details).toEqual({ fine: true })
  expect(SttError.from(error)).toBe(error)
  for (const other of [
    new Error('x'),
    {},
    { name: 'SttError', code: 'x', message: '' },
    null,
    undefined,
    'STT_LIMIT',
  ]) {
    expect(SttError.from(other)).toBeUndefined()
  }
})

test('the first line of the stack names the code, and the first frame is where it was thrown', () => {
  const { stack } = new SttError('STT_DECODE', 'read further')
  expect(stack?.split('\n')[0]).toBe('SttError [STT_DECODE]: read further')
  expect(stack).toContain('stt-error.test.ts')
})

test('looking at a foreign error does not throw', () => {
  const hostile = Object.defineProperty(new Error('x'), 'name', { get: () => { throw new Error('no') } }) // biome-ignore format: one line
  expect(isSttError(hostile)).toBe(false)
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
