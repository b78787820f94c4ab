import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { publicTypes } from '../public-types.ts'
import type { Package, Repository } from '../repository.ts'
import type { Rule } from '../rule.ts'

/** The public types are those committed as `etc/api.d.ts`, and a change of them waits for a version. */
export const api: Rule = {
  name: 'api',
  claim: 'etc/api.d.ts of every package is what it exports, and a change of it has a changeset',
  needsBuild: true,
  check(repository) {
    const changesets = repository.changesets()
    const waiting = new Set(changesets.flatMap(({ names }) => names))
    return [
      ...changesets
        .filter(({ names }) => names.length === 0)
        .map(({ file }) => `${file} names no package: see CONTRIBUTING.md`),
      ...repository.packages.flatMap(each => [...committed(repository, each), ...announced(repository, each, waiting)]),
    ]
  },
}

export const API_FILE = 'etc/api.d.ts'

function committed(repository: Repository, each: Package): string[] {
  const file = `packages/${each.folder}/${API_FILE}`
  if (!existsSync(join(each.path, 'dist', 'index.d.ts')))
    return [`${each.manifest.name} is not built: npm run check builds it`]
  if (!repository.exists(file)) return [`${file} is missing: run "npm run api" and commit it`]
  if (repository.read(file) === publicTypes(each)) return []
  return [
    `${file} is not what ${each.manifest.name} exports: run "npm run api", and "npx changeset" if users see a change`,
  ]
}

/** Compares with the commit that gave the package its present version. */
function announced(repository: Repository, { folder, manifest }: Package, waiting: ReadonlySet<string>): string[] {
  const file = `packages/${folder}/package.json`
  const versioned = repository.git('log', '-1', '--format=%H', '-G"version":', '--', file)?.trim()
  if (versioned === undefined)
    return [`${manifest.name}: no git history to compare ${API_FILE} with: check out with it`]
  if (waiting.has(manifest.name) || versioned === '' || versionAt(repository, 'HEAD', file) !== manifest.version) {
    return []
  }
  const path = `packages/${folder}/${API_FILE}`
  const before = repository.git('show', `${versioned}:${path}`)
  if (!repository.exists(path) || before === repository.read(path)) return []
  return [`${path} changed since version ${manifest.version} without a changeset: run "npx changeset"`]
}

function versionAt(repository: Repository, commit: string, file: string): string | undefined {
  const text = repository.git('show', `${commit}:${file}`)
  return text === undefined ? undefined : JSON.parse(text).version
}
