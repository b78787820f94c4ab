import { readFile, rm, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'

test('the example in the README runs', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const example = /```ts\n(.*?)```/s.exec(readme)?.[1]
  expect(example).toBeDefined()
  const file = new URL(`./.readme-example-${process.pid}.ts`, import.meta.url)
  await writeFile(file, example!)
  try {
    await import(file.href)
  } finally {
    await rm(file)
  }
})
