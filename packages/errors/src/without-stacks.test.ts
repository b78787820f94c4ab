import { expect, test } from 'vitest'
import { withoutStacks } from './without-stacks.ts'

test('errors take no stack during the call, and do before and after it, also when it throws', () => {
  const { stackTraceLimit } = Error
  const made = withoutStacks((message, code) => Object.assign(new Error(message), { code }), 'within', 7)
  expect(made).toMatchObject({ message: 'within', code: 7 })
  expect(made.stack).toBe('Error: within')
  const fail = (): never => {
    throw new TypeError('thrown')
  }
  expect(() => withoutStacks(fail)).toThrow('thrown')
  expect(Error.stackTraceLimit).toBe(stackTraceLimit)
  expect(new Error('after').stack).toContain('without-stacks.test')
})

test('a limit that a program has frozen is no failure', () => {
  const descriptor = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit')!
  Object.defineProperty(Error, 'stackTraceLimit', { ...descriptor, writable: false })
  try {
    expect(withoutStacks(() => new Error('within').stack)).toContain('without-stacks.test')
  } finally {
    Object.defineProperty(Error, 'stackTraceLimit', descriptor)
  }
})
