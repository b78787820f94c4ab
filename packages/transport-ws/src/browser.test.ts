import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

test('no file of the browser entry imports a module of Node', () => {
  const seen = new Set<string>()
  const outside = new Set<string>()
  const visit = (url: URL): void => {
    if (seen.has(url.href)) return
    seen.add(url.href)
    for (const [, specifier = ''] of readFileSync(fileURLToPath(url), 'utf8').matchAll(/ from '([^']+)'/g)) {
      if (specifier.startsWith('.')) visit(new URL(specifier, url))
      else outside.add(specifier)
    }
  }
  visit(new URL('browser.ts', import.meta.url))
  expect(seen.size).toBeGreaterThan(5)
  expect([...outside].sort()).toEqual(['@stt/errors', '@stt/frame'])
})
