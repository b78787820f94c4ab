import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { Repository } from '../src/repository.ts'

/** A repository made of these files, gone after the test. A package.json is added to the packages that have none. */
export function repositoryOf(files: Readonly<Record<string, string>>): Repository {
  const root = mkdtempSync(join(tmpdir(), 'stt-checks-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const all = { '.changeset/README.md': '', ...files }
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  mkdirSync(join(root, 'packages'), { recursive: true })
  return new Repository(root)
}

/** A package.json that breaks no rule, for `packages/<folder>`. */
export function manifest(folder: string, change: Readonly<Record<string, unknown>> = {}): string {
  const built = { types: './dist/index.d.ts', default: './dist/index.js' }
  return JSON.stringify({
    name: `@stt/${folder}`,
    version: '0.1.0',
    description: 'a package',
    license: 'MIT',
    type: 'module',
    sideEffects: false,
    files: ['dist', 'README.md', 'LICENSE'],
    engines: { node: '>=20.19' },
    exports: { '.': { '@stt/source': './src/index.ts', ...built } },
    publishConfig: { access: 'public', exports: { '.': built } },
    scripts: { build: 'tsup', test: 'vitest' },
    dependencies: {},
    ...change,
  })
}
