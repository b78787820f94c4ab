import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest'
import { Repository } from '../src/repository.ts'

const execute = promisify(execFile)
const shell = process.platform === 'win32'
const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/[\\/]$/, '')

interface Example {
  /** Its place: the document, and which of its examples. */
  readonly place: string
  readonly file: string
  readonly code: string
}

/** Every example that readers are shown, but for what only Node can load. */
const EXAMPLES = [
  'README.md',
  'site/pages/guide/start.md',
  ...readdirSync(join(root, 'packages')).map(name => `packages/${name}/README.md`),
]
  .flatMap(examplesOf)
  .filter(({ code }) => !code.includes('@stt/crypto/sodium'))

/** What the table "Where it runs" of the README says, on packages as they are published. */
let folder: string
let project: string
let tools: string
const tsc = join(root, 'tooling/checks/node_modules/typescript/bin/tsc')
const QUIET = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stt-runtimes-'))
  project = join(folder, 'project')
  tools = join(folder, 'tools')
  await mkdir(join(folder, 'tarballs'))
  const tarballs = await new Repository(root).pack(join(folder, 'tarballs'))
  await mkdir(project)
  await writeFile(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  // As the README has it for packages that are on no registry: all tarballs at once, of which each finds the others.
  await npm(['install', ...tarballs.values(), ...QUIET], project)
  await mkdir(tools)
  await writeFile(join(tools, 'package.json'), JSON.stringify({ private: true }))
  for (const { file, code } of EXAMPLES) await writeFile(join(project, file), code)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('CommonJS: require() of Node 20.19 and later, and import() of any', async () => {
  await writeFile(
    join(project, 'required.cjs'),
    `const { Seed, STTNode } = require('@stt/node')
    import('@stt/node').then(async imported => {
      console.log(imported.STTNode === STTNode, STTNode.create.length)
      await (await STTNode.create({ seed: Seed.generate() })).close()
    })`,
  )
  expect(await run(process.execPath, ['required.cjs'])).toMatch(/^true 1$/m)
})

test('TypeScript for a page: with the condition `browser` an option of Node alone is an error', async () => {
  const page =
    "import { Seed, STTNode } from '@stt/node'\nexport const node = STTNode.create({ seed: Seed.generate(), udp: {} })\n"
  await writeFile(join(project, 'page.ts'), page)
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'esnext', '--moduleResolution', 'bundler']
  const compile = (...more: string[]) =>
    run(process.execPath, [tsc, ...options, '--target', 'es2022', '--lib', 'es2022,dom', ...more, 'page.ts'])
  await expect(compile('--customConditions', 'browser')).rejects.toThrow(/'udp' does not exist in type/)
  await compile()
})

test.each([
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
])(
  'TypeScript for Node: with the lines of the README every example compiles, module %s',
  async (module, resolution) => {
    const lines = ['--module', module, '--moduleResolution', resolution, '--lib', 'ES2022,ESNext.Disposable']
    const types = ['--types', 'node', '--typeRoots', join(root, 'tooling/checks/node_modules/@types')]
    const strict = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022', '--moduleDetection', 'force']
    await run(process.execPath, [tsc, ...strict, ...lines, ...types, ...EXAMPLES.map(({ file }) => file)])
  },
)

test('jest: with --experimental-vm-modules', async context => {
  await addOrSkip(context, 'jest@30.2.0')
  await writeFile(join(project, 'readme.test.js'), `test('the README', () => import('./compiled.js'))`)
  // The example without its types, which jest does not know.
  const { default: typescript } = await import('typescript')
  const { ESNext } = typescript.ModuleKind
  const compilerOptions = { module: ESNext, target: typescript.ScriptTarget.ES2022 }
  const source = await readFile(join(project, EXAMPLES[0]!.file), 'utf8')
  await writeFile(join(project, 'compiled.js'), typescript.transpileModule(source, { compilerOptions }).outputText)
  const jest = join(tools, 'node_modules/jest/bin/jest.js')
  const output = await run(process.execPath, ['--experimental-vm-modules', jest, '--rootDir', '.'])
  expect(output).toMatch(/Tests:\s+1 passed, 1 total/)
})

test.for(EXAMPLES)('Bun runs $place', async ({ file }, context) => {
  await addOrSkip(context, 'bun@1.4.5')
  await run(bin('bun'), ['run', file])
})

test.for(EXAMPLES)('Deno runs $place, with the permissions that the README names', async ({ file, code }, context) => {
  await addOrSkip(context, 'deno@2.9.6')
  await run(bin('deno'), ['run', '--node-modules-dir=manual', '--no-prompt', ...permissionsOf(code), file])
})

/** Nodes need the network alone; a relay asks for this machine's addresses, and a store whose its files are. */
function permissionsOf(code: string): string[] {
  const relay = code.includes("from '@stt/relay'") ? ['--allow-sys'] : []
  const files = ['--allow-sys', '--allow-read', '--allow-write']
  // What these examples themselves ask for: a folder, an address.
  const environment = /tmpdir\(\)|process\.env/.test(code) ? ['--allow-env=TMPDIR,TMP,TEMP,REDIS_URL'] : []
  return [...new Set(['--allow-net', ...relay, ...(code.includes('tmpdir()') ? files : []), ...environment])]
}

const bin = (name: string): string => join(tools, 'node_modules/.bin', name)

const attempts = new Map<string, Promise<string>>()

/** Has a tool beside the project; where it cannot be fetched the test is skipped, and says so. */
async function addOrSkip({ skip }: TestContext, tool: string): Promise<void> {
  try {
    const attempt = attempts.get(tool) ?? npm(['install', tool, ...QUIET], tools)
    attempts.set(tool, attempt)
    await attempt
  } catch (error) {
    skip(`${tool} could not be installed: ${(error as Error).message}`)
  }
}

function examplesOf(document: string): Example[] {
  const name = document.replace(/^packages\/|\/?README\.md$|\.md$/g, '').replaceAll('/', '-') || 'first-page'
  const blocks = [...readFileSync(join(root, document), 'utf8').matchAll(/```ts\n(.*?)```/gs)]
  return blocks.map(([, code = ''], i) => {
    return {
      place: `${document.replace(/\/?README\.md$/, '') || 'README.md'}: ${i + 1} of ${blocks.length}`,
      file: `${name}-${i + 1}.ts`,
      code,
    }
  })
}

const npm = (parameters: readonly string[], cwd: string): Promise<string> => run('npm', parameters, cwd)

/** Runs a program to its end. @returns what it printed, warnings and all. @throws with all of that where it fails */
async function run(command: string, parameters: readonly string[], cwd: string = project): Promise<string> {
  try {
    const { stdout, stderr } = await execute(command, parameters, { cwd, shell, timeout: 120_000 })
    return stdout + stderr
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as { stdout?: string; stderr?: string; message: string }
    throw new Error(`${message}\n${stdout}${stderr}`)
  }
}
