import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { bundledProgram } from './bundled-program.ts'

test('programs lie beside each other, and may import what is no module', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stt-programs-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
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
  const programs = await Promise.all(['one.ts', 'other.ts', 'one.ts'].map(name => bundledProgram(join(folder, name))))
  const kept = dirname(programs[0]!)
  onTestFinished(() => rmSync(kept, { recursive: true }))
  const said = programs.map(program => execFileSync(process.execPath, [program, 'word'], { encoding: 'utf8' }))
  expect(said).toEqual(['one word\n', 'other word true\n', 'one word\n'])
  expect(readdirSync(kept)).toEqual(['one.mjs', 'other.mjs'])
})
