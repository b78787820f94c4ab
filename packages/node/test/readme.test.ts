import { runReadmeExamples } from '@stt/vitest-config/readme'
import { expect, test } from 'vitest'

test('the examples in the README run', async () => {
  expect(await runReadmeExamples(import.meta.url)).toBe(8)
})

test('the example on the first page of the project runs', async () => {
  expect(await runReadmeExamples(import.meta.url, '../../../README.md')).toBe(1)
})
