import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { bundledProgram } from './bundled-program.ts'

test('a mutant is in the program, and in a file of its own', async () => {
  const [source, name] = [join(import.meta.dirname, 'random.ts'), 'tooling/testing/src/random.ts']
  const plain = await bundledProgram(source)
  const [find] = /export function (\w+)/.exec(readFileSync(source, 'utf8'))!
  vi.stubEnv('STT_MUTANT', JSON.stringify({ file: name, find, replace: `console.log('mutant')\n${find}` }))
  onTestFinished(() => void vi.unstubAllEnvs())
  const mutated = await bundledProgram(source)
  onTestFinished(() => rmSync(dirname(mutated), { recursive: true }))
  expect(mutated).not.toBe(plain)
  const has = (path: string): boolean => readFileSync(path, 'utf8').split('sourceMappingURL')[0]!.includes('mutant')
  expect([has(plain), has(mutated)]).toEqual([false, true])
})

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
