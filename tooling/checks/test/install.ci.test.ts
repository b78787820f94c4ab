import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Repository } from '../src/repository.ts'

const execute = promisify(execFile)

/** Runs a program; when it fails, the error tells all that it printed. */
async function run(command: string, parameters: readonly string[], options: object): Promise<{ stdout: string }> {
  try {
    return await execute(command, parameters, options)
  } catch (error) {
    const { stdout = '', message } = error as { stdout?: string; message: string }
    throw new Error(`${message}\n${stdout}`)
  }
}

const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/[\\/]$/, '')
const repository = new Repository(root)
const shell = process.platform === 'win32'

/** The versions of Node that the packages are for; the first one is the one that runs this. */
const VERSIONS = ['20', '22', '24', '26']
const nodes = new Map<string, string>()

let folder: string
let tarballs: ReadonlyMap<string, string>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stt-install-'))
  await mkdir(join(folder, 'tarballs'))
  tarballs = await repository.pack(join(folder, 'tarballs'))
  for (const version of VERSIONS) {
    const path = await nodeOf(version)
    if (path) nodes.set(version, path)
  }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe.each(repository.packages.map(each => [each.manifest.name, each] as const))(
  '%s, alone',
  (name, { folder: short, manifest }) => {
    const project = (): string => join(folder, short)

    beforeAll(async () => {
      await createProject(project(), name)
      await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'], {
        cwd: project(),
        shell,
      })
      await mkdir(join(project(), 'node_modules', '@types'))
      await symlink(
        join(root, 'tooling/checks/node_modules/@types/node'),
        join(project(), 'node_modules/@types/node'),
        'junction',
      )
    })

    test('brings no other package of this repository than it names', () => {
      const named = Object.keys(manifest.dependencies ?? {}).filter(dependency => dependency.startsWith('@stt/'))
      for (const dependency of named) expect(existsSync(join(project(), 'node_modules', dependency))).toBe(true)
      for (const tool of ['typescript', 'vitest', 'tsup', '@stt/tsconfig', '@stt/testing']) {
        expect(existsSync(join(project(), 'node_modules', tool))).toBe(false)
      }
    })

    test.for(VERSIONS)('is imported by Node %s', async (version, { skip }) => {
      const node = nodes.get(version)
      if (!node) return skip(`there is no Node ${version} here`)
      const { stdout } = await run(node, ['use.mjs'], { cwd: project() })
      expect(stdout).toMatch(/^v\d+\.\d+\.\d+ [1-9]\d* names$/m)
    })

    test.each([
      ['node16', 'node16'],
      ['esnext', 'bundler'],
    ])('has types for module %s and moduleResolution %s', async (module, moduleResolution) => {
      const compilerOptions = {
        module,
        moduleResolution,
        target: 'es2022',
        strict: true,
        noEmit: true,
        types: ['node'],
      }
      const config = `tsconfig.${moduleResolution}.json`
      await writeFile(join(project(), config), JSON.stringify({ compilerOptions, files: ['use.ts'] }))
      const tsc = join(root, 'tooling/checks/node_modules/typescript/bin/tsc')
      await run(process.execPath, [tsc, '-p', config], { cwd: project() })
    })
  },
)

/** An empty project outside the workspace that depends on one tarball; the tarballs of the others stand ready. */
async function createProject(path: string, name: string): Promise<void> {
  await mkdir(path)
  const overrides = Object.fromEntries([...tarballs].map(([each, tarball]) => [each, `file:${tarball}`]))
  const manifest = { private: true, type: 'module', dependencies: { [name]: overrides[name] }, overrides }
  await writeFile(join(path, 'package.json'), JSON.stringify(manifest))
  await writeFile(
    join(path, 'use.mjs'),
    `import * as all from '${name}'\nconsole.log(process.version, Object.keys(all).length, 'names')\n`,
  )
  await writeFile(
    join(path, 'use.ts'),
    `import * as all from '${name}'\nexport const names: string[] = Object.keys(all)\n`,
  )
}

/** Another version of Node, from the package registry, when that can be reached. */
async function nodeOf(version: string): Promise<string | undefined> {
  if (process.version.startsWith(`v${version}.`)) return process.execPath
  try {
    const { stdout } = await run('npx', ['--yes', '--prefer-offline', `node@${version}`, '-p', 'process.execPath'], {
      shell,
    })
    return stdout.trim()
  } catch {
    return undefined
  }
}
