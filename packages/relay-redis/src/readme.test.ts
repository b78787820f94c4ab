import process from 'node:process'
import { freePort } from '@stt/testing'
import { runReadmeExamples } from '@stt/vitest-config/readme'
import { expect, test } from 'vitest'

test('the example in the README runs, whether there is a Redis or not', async () => {
  process.env['REDIS_URL'] = `redis://127.0.0.1:${await freePort()}`
  expect(await runReadmeExamples(import.meta.url)).toBe(1)
})
