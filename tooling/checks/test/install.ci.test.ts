import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Repository } from '../src/repository.ts'

const execute = promisify(execFile)
const shell = process.platform === 'win32'
const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/[\\/]$/, '')
const checks = join(root, 'tooling/checks')
const repository = new Repository(root)
const { packages } = repository

/** The versions of Node that the packages are for. */
const VERSIONS = ['20', '22', '24', '26']

let folder: string
const nodes = new Map<string, string>()

// Each package in an empty project of its own, outside of the workspace, from tarballs alone.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stt-install-'))
  await mkdir(join(folder, 'tarballs'))
  const tarballs = await repository.pack(join(folder, 'tarballs'))
  for (const each of packages) await install(join(folder, each.folder), each.manifest.name, tarballs)
  for (const version of VERSIONS) {
    const path = await nodeOf(version)
    if (path) nodes.set(version, path)
  }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe.each(packages.map(each => [each.manifest.name, each] as const))(
  '%s, alone',
  (name, { folder: short, manifest }) => {
    const installed = (dependency: string): boolean => existsSync(join(folder, short, 'node_modules', dependency))

    test('brings what it needs and nothing of our tools', () => {
      const dependencies = Object.keys(manifest.dependencies ?? {})
      expect([name, ...dependencies].filter(each => !installed(each))).toEqual([])
      expect(['typescript', 'vitest', 'tsup', '@stt/tsconfig', '@stt/testing'].filter(installed)).toEqual([])
    })

    test.for(VERSIONS)('is imported by Node %s', async (version, { skip }) => {
      const node = nodes.get(version)
      if (!node) return skip(`there is no Node ${version} here`)
      expect(await run(node, ['use.mjs'], join(folder, short))).toMatch(/^v\d+\.\d+\.\d+ [1-9]\d* names$/m)
    })
  },
)

test('a node that is installed alone has nothing that speaks mDNS, and names the line that installs it', async () => {
  const project = join(folder, 'node')
  const there = ['@stt/lan', 'dns-packet'].filter(name => existsSync(join(project, 'node_modules', name)))
  expect(there).toEqual([])
  await writeFile(
    join(project, 'lan.mjs'),
    `import { Seed, STTNode } from '@stt/node'
const creating = STTNode.create({ seed: Seed.generate(), discovery: { lan: true } })
await creating.catch(({ code, message }) => console.log(code, message))\n`,
  )
  expect(await run(process.execPath, ['lan.mjs'], project)).toMatch(/^STT_UNSUPPORTED .*npm install @stt\/lan$/m)
})

describe.each(VERSIONS)('a program under Node %s', version => {
  const session = (address: string): string => `import { Seed, STTNode } from '@stt/node'
const main = async () => {
  const seed = Seed.generate()
  const server = await STTNode.create({ seed, listen: ['${address}'] })
  const client = await STTNode.create({ seed, listen: [] })
  const session = await client.connect(server.addresses[0])
  await session.ping()
  await Promise.all([client.close(), server.close()])
  console.log('answered by', session.path?.kind ?? '${address}')
}
void main()\n`

  // Each is missing instead of counted: whatever loads it fails.
  test.for([
    ['udp://127.0.0.1:0', 'WebSockets', ['@stt/transport-ws'], '20'],
    ['ws://127.0.0.1:0', 'UDP', ['@stt/transport-udp'], '20'],
    ['udp://127.0.0.1:0', 'the portable cryptography', ['@noble'], '24'],
  ] as const)('with a session over %s loads nothing of %s', async ([address, , missing, since], { skip }) => {
    const node = nodes.get(version)
    if (!node || version < since) return skip(`no such Node here, or before ${since}`)
    const project = await mkdtemp(join(folder, 'without-'))
    await cp(join(folder, 'node'), project, { recursive: true, verbatimSymlinks: true })
    for (const name of missing) await rm(join(project, 'node_modules', name), { recursive: true })
    await writeFile(join(project, 'session.mjs'), session(address))
    expect(await run(node, ['session.mjs'], project)).toMatch(/^answered by/)
  })

  test.for(['esm', 'cjs'] as const)(
    'runs as a bundle of format %s, with nothing installed',
    async (format, { skip }) => {
      const node = nodes.get(version)
      if (!node) return skip(`there is no Node ${version} here`)
      const project = await mkdtemp(join(tmpdir(), 'stt-bundle-'))
      try {
        await build({
          stdin: { contents: session('ws://127.0.0.1:0'), resolveDir: join(folder, 'node') },
          ...{ bundle: true, platform: 'node', format, target: 'node20', logLevel: 'error' },
          // In a CommonJS bundle import.meta is empty, which matters only where ML-KEM is not found in the bundle.
          logOverride: { 'empty-import-meta': 'silent' },
          outfile: join(project, format === 'esm' ? 'bundle.mjs' : 'bundle.cjs'),
        })
        expect(await run(node, [format === 'esm' ? 'bundle.mjs' : 'bundle.cjs'], project)).toMatch(/^answered by/)
      } finally {
        await rm(project, { recursive: true, force: true })
      }
    },
  )
})

test.each([
  ['node16', 'node16'],
  ['esnext', 'bundler'],
])('every package has types for module %s and moduleResolution %s', async (module, moduleResolution) => {
  const config = join(folder, `tsconfig.${moduleResolution}.json`)
  const files = packages.map(each => `${each.folder}/use.ts`)
  const typeRoots = [join(checks, 'node_modules/@types')]
  // As a program for Node has it: no DOM. The declarations themselves are checked too.
  const compilerOptions = { module, moduleResolution, lib: ['ES2022'], target: 'es2022', strict: true, noEmit: true }
  await writeFile(
    config,
    JSON.stringify({ files, compilerOptions: { ...compilerOptions, types: ['node'], typeRoots } }),
  )
  await run(process.execPath, [join(checks, 'node_modules/typescript/bin/tsc'), '-p', config], folder)
})

/** Makes a project that depends on one package; of the others the tarballs stand ready, should it need them. */
async function install(project: string, name: string, tarballs: ReadonlyMap<string, string>): Promise<void> {
  await mkdir(project)
  const overrides = Object.fromEntries([...tarballs].map(([each, tarball]) => [each, `file:${tarball}`]))
  const manifest = { private: true, type: 'module', dependencies: { [name]: overrides[name] }, overrides }
  await writeFile(join(project, 'package.json'), JSON.stringify(manifest))
  await writeFile(
    join(project, 'use.mjs'),
    `import * as all from '${name}'\nconsole.log(process.version, Object.keys(all).length, 'names')\n`,
  )
  await writeFile(
    join(project, 'use.ts'),
    `import * as all from '${name}'\nexport const names: string[] = Object.keys(all)\n`,
  )
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'], project)
  // What declarations say of Node's own modules is looked up beside them.
  await mkdir(join(project, 'node_modules/@types'), { recursive: true })
  await symlink(join(checks, 'node_modules/@types/node'), join(project, 'node_modules/@types/node'), 'junction')
}

/** This or another version of Node; the others come from the package registry, when that can be reached. */
async function nodeOf(version: string): Promise<string | undefined> {
  if (process.version.startsWith(`v${version}.`)) return process.execPath
  try {
    const path = await run('npx', ['--yes', '--prefer-offline', `node@${version}`, '-p', 'process.execPath'], folder)
    return path.trim()
  } catch {
    return undefined
  }
}

/** Runs a program and gives what it printed; when it fails, the error tells all of it. */
async function run(command: string, parameters: readonly string[], cwd: string): Promise<string> {
  try {
    const { stdout } = await execute(command, parameters, { cwd, shell })
    return stdout
  } catch (error) {
    const { stdout = '', message } = error as { stdout?: string; message: string }
    throw new Error(`${message}\n${stdout}`)
  }
}
