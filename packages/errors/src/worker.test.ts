import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { isSttError, SttError } from './index.ts'

/** The class as a worker has it, which shares nothing with this realm. */
const script = (work: string): string => `
  const { parentPort } = require('node:worker_threads')
  class SttError extends Error {
    name = 'SttError'
    constructor(code, message) {
      super(message)
      this.code = code
      this.details = {}
      this.name = 'SttError [' + code + ']'
      void this.stack
      this.name = 'SttError'
    }
  }
  ${work}`

test('an error that a worker did not catch is an SttError', async () => {
  const worker = new Worker(script("throw new SttError('STT_BUSY', 'later')"), { eval: true })
  const [error] = (await once(worker, 'error')) as [unknown]
  expect(error).not.toBeInstanceOf(SttError)
  expect(isSttError(error, 'STT_BUSY')).toBe(true)
})

test('an error that a worker posted is an SttError', async () => {
  const worker = new Worker(script("parentPort.postMessage(new SttError('STT_BUSY', 'later'))"), { eval: true })
  const [error] = (await once(worker, 'message')) as [unknown]
  expect(isSttError(error, 'STT_BUSY')).toBe(true)
  expect(SttError.from(error)).toMatchObject({ code: 'STT_BUSY', message: 'later' })
})
