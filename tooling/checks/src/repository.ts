import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly license?: string
  readonly type?: string
  readonly description?: string
  readonly keywords?: readonly string[]
  readonly homepage?: string
  readonly bugs?: unknown
  readonly repository?: { readonly type?: string; readonly url?: string; readonly directory?: string }
  readonly sideEffects?: boolean
  readonly files?: readonly string[]
  readonly engines?: { readonly node?: string }
  readonly main?: unknown
  readonly scripts?: Readonly<Record<string, string>>
  readonly exports?: Exports
  readonly publishConfig?: { readonly access?: string; readonly exports?: Exports }
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** Entry → condition → file, or conditions within conditions. */
export type Exports = { readonly [key: string]: string | Exports }

/** A published package: a folder of `packages/`. */
export interface Package {
  /** Folder name; `@stt/` before it is the package's name. */
  readonly folder: string
  readonly path: string
  readonly manifest: Manifest
}

export interface Changeset {
  readonly file: string
  readonly names: readonly string[]
}

export interface Outcome {
  readonly status: number
  readonly output: string
}

/** A working copy, which is not always the one that this program lies in. */
export class Repository {
  readonly root: string
  readonly packages: readonly Package[]

  /** @param only folder names of the packages to look at; all, unless given */
  constructor(root: string, only?: readonly string[]) {
    this.root = root
    this.packages = readdirSync(join(root, 'packages'))
      .filter(folder => existsSync(join(root, 'packages', folder, 'package.json')))
      .filter(folder => only?.includes(folder) ?? true)
      .map(folder => {
        const path = join(root, 'packages', folder)
        return { folder, path, manifest: JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) }
      })
  }

  read(...path: string[]): string {
    return readFileSync(join(this.root, ...path), 'utf8')
  }

  exists(...path: string[]): boolean {
    return existsSync(join(this.root, ...path))
  }

  /** Every file that is or may be committed, as paths from the root. */
  files(): readonly string[] {
    const listed = this.git('ls-files', '-z', '--cached', '--others', '--exclude-standard') ?? ''
    return listed.split('\0').filter(file => file !== '' && this.exists(file))
  }

  /** TypeScript files under a folder of the repository, as paths from its root, sorted. */
  sources(folder: string, { tests }: { tests: boolean }): readonly string[] {
    return walk(join(this.root, folder))
      .map(path => path.slice(this.root.length + 1).replaceAll('\\', '/'))
      .filter(path => /\.[cm]?tsx?$/.test(path) && isTest(path) === tests)
      .sort()
  }

  /** The changesets that wait in `.changeset/`, each with the packages that it names. */
  changesets(): readonly Changeset[] {
    return readdirSync(join(this.root, '.changeset'))
      .filter(file => file.endsWith('.md') && file !== 'README.md')
      .map(file => {
        const [, header = ''] = /^---\n(.*?)\n---\n/s.exec(this.read('.changeset', file)) ?? []
        const names = [...header.matchAll(/^['"]?(@?[^'":\s]+)['"]?\s*:/gm)].map(([, name = '']) => name)
        return { file: `.changeset/${file}`, names }
      })
  }

  /** Runs a program, at the root unless told otherwise; its output is stdout and stderr together. */
  run(command: string, parameters: readonly string[], cwd: string = this.root): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const child = spawn(command, parameters, {
        cwd,
        env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
        shell: process.platform === 'win32',
      })
      let output = ''
      child.stdout.on('data', text => (output += text))
      child.stderr.on('data', text => (output += text))
      child.once('error', reject)
      child.once('close', status => resolve({ status: status ?? 1, output }))
    })
  }

  /** Runs the package manager that the root pins. */
  pnpm(parameters: readonly string[], cwd: string = this.root): Promise<Outcome> {
    const { packageManager } = JSON.parse(this.read('package.json'))
    return this.run('npx', ['--yes', '--prefer-offline', packageManager, ...parameters], cwd)
  }

  /** Packs the packages as they would be published; gives each package's name with its tarball's path. */
  async pack(destination: string): Promise<ReadonlyMap<string, string>> {
    const { status, output } = await this.pnpm(['--filter', './packages/*', 'pack', '--pack-destination', destination])
    if (status !== 0) throw new Error(`packing failed:\n${output}`)
    return new Map(
      this.packages.map(({ manifest: { name, version } }) => {
        return [name, join(destination, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`)]
      }),
    )
  }

  /** Git's answer, or `undefined` if git fails. */
  git(...parameters: string[]): string | undefined {
    const { status, stdout } = spawnSync('git', parameters, { cwd: this.root, encoding: 'utf8', maxBuffer: 64 << 20 })
    return status === 0 ? stdout : undefined
  }
}

/** Where the repository is shown to readers: the one that the root's package.json names. */
export function sourceUrl(repository: Repository): string {
  const { repository: named } = JSON.parse(repository.read('package.json')) as Manifest
  const [, url] = /^git\+(https:\/\/.+)\.git$/.exec(named?.url ?? '') ?? []
  if (url === undefined) throw new Error('package.json: repository.url must be git+https://….git')
  return url
}

/** The path of a command that this package depends on. */
export function tool(name: string): string {
  return fileURLToPath(new URL(`../node_modules/.bin/${name}`, import.meta.url))
}

/** The path of a command that the root depends on. */
export function rootTool(name: string): string {
  return fileURLToPath(new URL(`../../../node_modules/.bin/${name}`, import.meta.url))
}

/** A command line of changesets. */
export function changesetCommand(...parameters: readonly string[]): [string, ...string[]] {
  const file = fileURLToPath(new URL('../../../node_modules/@changesets/cli/bin.js', import.meta.url))
  return [process.execPath, file, ...parameters]
}

/** Whether a file is test code: named so, or in a folder of tests. */
export function isTest(path: string): boolean {
  return /\.(test|bench)\.[cm]?tsx?$/.test(path) || /(^|\/)(test|interop|bench|testing)\//.test(path)
}

function walk(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    if (SKIPPED.has(entry.name)) return []
    const path = join(folder, entry.name)
    return entry.isDirectory() ? walk(path) : [path]
  })
}

const SKIPPED = new Set(['node_modules', 'dist', 'coverage', '.turbo'])
