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

/** The root's package.json, as far as rules read it. */
export const ROOT_MANIFEST: string = JSON.stringify({
  engines: { node: '>=20.19' },
  repository: { type: 'git', url: 'git+https://git.example/stt.git' },
})

/** A package.json that breaks no rule, for `packages/<folder>`. */
export function manifest(folder: string, change: Readonly<Record<string, unknown>> = {}): string {
  const built = { types: './dist/index.d.ts', default: './dist/index.js' }
  return JSON.stringify({
    name: `@stt/${folder}`,
    version: '0.1.0',
    description: 'a package',
    keywords: ['stt', 'one', 'another'],
    license: 'MIT',
    homepage: `${SOURCE}/tree/main/packages/${folder}#readme`,
    bugs: `${SOURCE}/issues`,
    repository: { type: 'git', url: `git+${SOURCE}.git`, directory: `packages/${folder}` },
    type: 'module',
    sideEffects: false,
    files: ['dist', 'README.md', 'CHANGELOG.md', 'LICENSE'],
    engines: { node: '>=20.19' },
    exports: { '.': { '@stt/source': './src/index.ts', ...built } },
    publishConfig: { access: 'public', exports: { '.': built } },
    scripts: { build: 'tsup', test: 'vitest' },
    dependencies: {},
    ...change,
  })
}

const SOURCE = 'https://git.example/stt'
