import { runReadmeExamples } from '@stt/vitest-config/readme'
import { expect, test } from 'vitest'

test('the examples in the README run', async () => {
  expect(await runReadmeExamples(import.meta.url)).toBe(2)
})
