import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { programs } from './programs.ts'

const folder = mkdtempSync(join(tmpdir(), 'stt-programs-test-'))
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text)
write('shared.ts', 'export const shared: readonly string[] = process.argv.slice(2)')
write('old.cjs', "exports.isFile = path => require('node:fs').existsSync(path)")
write('one.ts', "import { shared } from './shared.ts'; console.log('one', ...shared)")
write(
  'other.ts',
  `import { isFile } from './old.cjs'
   import { shared } from './shared.ts'
   console.log('other', ...shared, isFile(import.meta.dirname + '/one.mjs'))`,
)
let path = ''

// The last to be called, because it is the first to be registered.
afterAll(() => {
  expect(existsSync(path)).toBe(false)
  rmSync(folder, { recursive: true })
})
const made = programs(folder, ['one', 'other'])

test('programs lie beside each other, and may import what is no module', () => {
  path = dirname(made.path('one'))
  const run = (name: string): string => execFileSync(process.execPath, [made.path(name), 'word'], { encoding: 'utf8' })
  expect([run('one'), run('other')]).toEqual(['one word\n', 'other word true\n'])
})
