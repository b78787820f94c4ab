import { expect, test } from 'vitest'
import { cut } from './link-errors.ts'

test('the error of a link that ends takes no stack, and leaves those of others', () => {
  const { stackTraceLimit } = Error
  expect(cut('ws://10.0.0.7:1').stack).toBe('SttError [STT_LINK_FAILED]: the connection to ws://10.0.0.7:1 was cut')
  expect(Error.stackTraceLimit).toBe(stackTraceLimit)
  expect(new Error('another').stack).toContain('link-errors.test')
})
