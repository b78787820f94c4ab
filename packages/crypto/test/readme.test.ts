import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const AsyncFunction = (async () => {}).constructor as new (
  ...code: string[]
) => (load: (name: string) => Promise<unknown>) => Promise<void>

test('the example of the README runs', async () => {
  const example = /```ts\n([\s\S]*?)```/.exec(readme)![1]!
  const body = example.replace(/^import (\{[^}]*\}) from '([^']+)'$/gm, "const $1 = await load('$2')")
  expect(body).not.toContain('import ')
  await new AsyncFunction('load', body)(name => (name === '@stt/crypto' ? import('../src/index.ts') : import(name)))
})
