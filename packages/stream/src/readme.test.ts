import { readFile, rm, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'

test('the examples in the README run', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code!)
  expect(examples.length).toBe(2)
  for (const [i, code] of examples.entries()) {
    const file = new URL(`./.readme-example-${process.pid}-${i}.ts`, import.meta.url)
    await writeFile(file, code)
    try {
      await import(file.href)
    } finally {
      await rm(file)
    }
  }
})
