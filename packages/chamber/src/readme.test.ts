import { readFile, rm, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'

test('the example in the README runs', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code!)
  expect(examples.length).toBe(1)
  const file = new URL(`./.readme-example-${process.pid}.ts`, import.meta.url)
  await writeFile(file, examples[0]!)
  try {
    await import(file.href)
  } finally {
    await rm(file)
  }
})
