import { execFile, spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Repository } from '../src/repository.ts'

const execute = promisify(execFile)
const shell = process.platform === 'win32'
const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/[\\/]$/, '')
const repository = new Repository(root)

let folder: string
let tarballs: ReadonlyMap<string, string>
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stt command-'))
  await mkdir(join(folder, 'tarballs'))
  tarballs = await repository.pack(join(folder, 'tarballs'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** An empty folder in which the command is installed from its tarball; those of the packages that it needs stand ready. */
async function installed(name: string, ...options: readonly string[]): Promise<string> {
  const project = join(folder, name)
  await mkdir(project)
  const overrides = Object.fromEntries([...tarballs].map(([each, tarball]) => [each, `file:${tarball}`]))
  const dependencies = { '@stt/cli': overrides['@stt/cli'] }
  await writeFile(join(project, 'package.json'), JSON.stringify({ private: true, dependencies, overrides }))
  await execute('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error', ...options], {
    cwd: project,
    shell,
  })
  return project
}

const stt = (project: string, ...words: string[]) =>
  spawnSync('npx', ['--no-install', 'stt', ...words], {
    cwd: project,
    shell,
    encoding: 'utf8',
    env: { ...process.env, STT_HOME: join(project, 'home') },
  })

test('a new user installs the command, and the first five minutes of its README come true', async () => {
  const project = await installed('whole')
  const { version } = JSON.parse(repository.read('packages/cli/package.json')) as { version: string }
  expect(stt(project, '--version')).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' })
  const program = join(project, 'node_modules/@stt/cli/dist/bin.js')
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const { stdout } = await execute(process.execPath, [vitest, 'run', 'packages/cli/src/readme.test.ts'], {
    cwd: root,
    env: { ...process.env, STT_PROGRAM: program, NO_COLOR: '1' },
  })
  expect(stdout).toMatch(/Tests +2 passed/)
})

test('without its optional parts the command goes on, and says what it had not', async () => {
  const project = await installed('least', '--omit=optional')
  expect(stt(project, 'pair', 'laptop', '--no-qr')).toMatchObject({ status: 0, stderr: '' })
  const { status, stderr } = stt(project, 'ping', 'laptop', '--address', 'ws://127.0.0.1:9', '--timeout', '0.5')
  expect([status, stderr]).toEqual([3, expect.stringContaining('and not the local network (it needs the package @stt/lan: npm install @stt/lan)')]) // biome-ignore format: one line
})
