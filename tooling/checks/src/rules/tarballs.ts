import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { join as joinUrl } from 'node:path/posix'
import { anchorsOf, linksOf, undefinedReferences } from '../markdown.ts'
import { type Package, type Repository, sourceUrl } from '../repository.ts'
import type { Rule } from '../rule.ts'

/** The documents that a package carries are read where there is nothing but the package: on npm, or in node_modules. */
export const tarballs: Rule = {
  name: 'tarballs',
  claim: 'links in packed documents lead somewhere from inside the tarball, and files that they name are packed',
  async check(repository) {
    const folder = await mkdtemp(join(tmpdir(), 'stt-tarballs-'))
    try {
      const packed = await repository.pack(folder)
      return repository.packages.flatMap(each => {
        const tarball = packed.get(each.manifest.name)
        return tarball === undefined ? [] : packageProblems(repository, each, new Tarball(tarball))
      })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
}

function packageProblems(repository: Repository, each: Package, tarball: Tarball): string[] {
  return tarball.files
    .filter(file => file.endsWith('.md'))
    .flatMap(file => {
      const text = tarball.read(file)
      const problems = [
        ...undefinedReferences(text).map(name => `[${name}] is defined nowhere`),
        ...linksOf(text).flatMap(({ path, anchor }) => linkProblem(repository, tarball, file, path, anchor)),
        ...unpacked(repository, each, tarball, text),
      ]
      return problems.map(problem => `${each.manifest.name}: ${file}: ${problem}`)
    })
}

function linkProblem(repository: Repository, tarball: Tarball, file: string, path: string, anchor: string): string[] {
  const source = sourceUrl(repository)
  if (path.startsWith(source)) return sourceProblem(repository, path, anchor)
  if (/^[a-z]+:/.test(path)) return []
  const target = path === '' ? file : joinUrl(file, '..', path)
  if (!tarball.has(target)) return [`${path} is not in the tarball: pack it, or link to it in ${source}`]
  return missingAnchor(target.endsWith('.md') ? tarball.read(target) : '', path, anchor)
}

/** Of an address in this repository, as it is shown where it is hosted. */
function sourceProblem(repository: Repository, url: string, anchor: string): string[] {
  const [, kind, path] = /\/(blob|tree)\/main\/(.+)$/.exec(url) ?? []
  if (path === undefined) return []
  if (!repository.exists(path)) return [`${url} does not exist`]
  return kind === 'blob' && path.endsWith('.md') ? missingAnchor(repository.read(path), url, anchor) : []
}

function missingAnchor(text: string, path: string, anchor: string): string[] {
  return anchor === '' || anchorsOf(text).has(anchor) ? [] : [`${path}#${anchor}: there is no such heading`]
}

/** Files of the package's folder that the text names, outside of a link, and that the tarball has not. */
function unpacked(repository: Repository, { folder }: Package, tarball: Tarball, text: string): string[] {
  const prose = text.replace(/^ *```.*?^ *```/gms, '').replace(/\[[^\]]*\](?=[[(])/g, '')
  return [...prose.matchAll(/`([\w.-]+(?:\/[\w.-]+)+)`/g)]
    .map(([, path = '']) => path)
    .filter(path => repository.exists('packages', folder, path) && !tarball.has(path))
    .map(path => `${path} is not in the tarball: pack it, or link to it in ${sourceUrl(repository)}`)
}

class Tarball {
  readonly files: readonly string[]
  readonly #path: string

  constructor(path: string) {
    this.#path = path
    this.files = tar('-tzf', path)
      .trim()
      .split('\n')
      .map(file => file.replace(/^package\//, ''))
  }

  /** Whether there is such a file, or folder. */
  has(path: string): boolean {
    return this.files.some(file => file === path || file.startsWith(`${path.replace(/\/$/, '')}/`))
  }

  read(file: string): string {
    return tar('-xzOf', this.#path, `package/${file}`)
  }
}

function tar(...parameters: string[]): string {
  return execFileSync('tar', parameters, { encoding: 'utf8', maxBuffer: 64 << 20 })
}
