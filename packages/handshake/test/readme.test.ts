import { runReadmeExamples } from '@stt/vitest-config/readme'
import { expect, test } from 'vitest'

test('the example in the README runs', async () => {
  expect(await runReadmeExamples(import.meta.url)).toBe(1)
})
