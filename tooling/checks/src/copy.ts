import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const ORIGINAL = fileURLToPath(new URL('../../..', import.meta.url)).replace(/[\\/]$/, '')

/** A copy of this working tree, built files included, to break or to change. What is installed is linked, not copied. */
export class Copy {
  readonly root: string = mkdtempSync(join(tmpdir(), 'stt-copy-'))
  readonly #originals = new Map<string, string | undefined>()

  constructor() {
    const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: ORIGINAL,
      encoding: 'utf8',
    })
    const files = listed.split('\0').filter(file => file !== '' && existsSync(join(ORIGINAL, file)))
    for (const file of files) cpSync(join(ORIGINAL, file), join(this.root, file))
    for (const manifest of files.filter(file => file.endsWith('/package.json'))) {
      for (const folder of ['node_modules', 'dist']) {
        const path = join(dirname(manifest), folder)
        if (!existsSync(join(ORIGINAL, path))) continue
        cpSync(join(ORIGINAL, path), join(this.root, path), {
          recursive: true,
          verbatimSymlinks: true,
          filter: source => !/\.(vite|cache)\b/.test(source),
        })
      }
    }
    symlinkSync(join(ORIGINAL, 'node_modules'), join(this.root, 'node_modules'), 'junction')
  }

  /** Every file under a folder, as paths from the root. */
  files(folder: string): readonly string[] {
    const names = readdirSync(join(this.root, folder), { recursive: true, withFileTypes: true })
    return names
      .filter(entry => entry.isFile())
      .map(entry => relative(this.root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
  }

  read(file: string): string {
    return readFileSync(join(this.root, file), 'utf8')
  }

  /** Writes a file until `restore`. */
  write(file: string, text: string): void {
    const path = join(this.root, file)
    if (!this.#originals.has(file)) this.#originals.set(file, existsSync(path) ? readFileSync(path, 'utf8') : undefined)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }

  append(file: string, text: string): void {
    this.write(file, this.read(file) + text)
  }

  /** Changes a package.json until `restore`. */
  edit(file: string, change: (manifest: Record<string, Record<string, unknown>>) => void): void {
    const manifest = JSON.parse(this.read(file))
    change(manifest)
    this.write(file, JSON.stringify(manifest, null, 2))
  }

  remove(file: string): void {
    this.write(file, '')
    rmSync(join(this.root, file))
  }

  /** Links a path to another one of the copy until `restore`. */
  link(path: string, target: string): void {
    this.#originals.set(path, undefined)
    mkdirSync(dirname(join(this.root, path)), { recursive: true })
    symlinkSync(join(this.root, target), join(this.root, path), 'junction')
  }

  dropChangesets(): void {
    for (const file of readdirSync(join(this.root, '.changeset'))) {
      if (file.endsWith('.md')) rmSync(join(this.root, '.changeset', file))
    }
  }

  restore(): void {
    for (const [file, text] of this.#originals) {
      if (text === undefined) rmSync(join(this.root, file), { force: true })
      else writeFileSync(join(this.root, file), text)
    }
    this.#originals.clear()
  }

  git(...parameters: string[]): string {
    const identity = ['-c', 'user.name=test', '-c', 'user.email=test@example.invalid', '-c', 'commit.gpgsign=false']
    return execFileSync('git', [...identity, ...parameters], { cwd: this.root, encoding: 'utf8' })
  }

  /** Makes the copy a repository with one commit that holds everything. */
  commitAll(): void {
    this.git('init', '-q', '-b', 'main')
    this.git('add', '-A')
    this.git('commit', '-q', '-m', 'everything')
  }

  delete(): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}
