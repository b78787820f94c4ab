import { LAYERS } from '../layers.ts'
import { type Exports, type Package, type Repository, sourceUrl } from '../repository.ts'
import type { Rule } from '../rule.ts'

/** The common properties of every package.json under packages/. */
export const manifests: Rule = {
  name: 'manifests',
  claim: 'every package.json says the same about license, engines, files, side effects and exports',
  check(repository) {
    const source = sourceUrl(repository)
    const engines = JSON.parse(repository.read('package.json')).engines.node
    return repository.packages.flatMap(each => {
      const file = `packages/${each.folder}/package.json`
      return [
        ...fields(each, engines),
        ...origin(each, source),
        ...entries(each),
        ...dependencies(each),
        ...readme(repository, each),
      ].map(problem => `${file}: ${problem}`)
    })
  },
}

function fields({ folder, manifest }: Package, node: string): string[] {
  const expected: readonly (readonly [string, unknown, unknown])[] = [
    ['name', manifest.name, `@stt/${folder}`],
    ['license', manifest.license, 'MIT'],
    ['type', manifest.type, 'module'],
    ['sideEffects', manifest.sideEffects, false],
    ['engines.node', manifest.engines?.node, node],
    ['publishConfig.access', manifest.publishConfig?.access, 'public'],
    ['private', manifest.private, undefined],
    ['main', manifest.main, undefined],
  ]
  const problems = expected
    .filter(([, found, wanted]) => found !== wanted)
    .map(([field, found, wanted]) => `${field} is ${JSON.stringify(found)}, it must be ${JSON.stringify(wanted)}`)
  if (!manifest.description) problems.push('there is no description')
  for (const file of ['dist', 'README.md', 'CHANGELOG.md', 'LICENSE']) {
    if (!manifest.files?.includes(file)) problems.push(`files must list ${file}`)
  }
  for (const script of ['build', 'test']) {
    if (!manifest.scripts?.[script]) problems.push(`there is no script "${script}"`)
  }
  return problems
}

/** Where a package comes from: npm shows it, and a registry refuses provenance for a package that names another repository. */
function origin({ folder, manifest }: Package, source: string): string[] {
  const { repository, homepage, bugs, keywords = [] } = manifest
  const expected: readonly (readonly [string, unknown, unknown])[] = [
    ['repository', repository, { type: 'git', url: `git+${source}.git`, directory: `packages/${folder}` }],
    ['homepage', homepage, `${source}/tree/main/packages/${folder}#readme`],
    ['bugs', bugs, `${source}/issues`],
  ]
  const problems = expected
    .filter(([, found, wanted]) => JSON.stringify(found) !== JSON.stringify(wanted))
    .map(([field, found, wanted]) => `${field} is ${JSON.stringify(found)}, it must be ${JSON.stringify(wanted)}`)
  if (!keywords.includes('stt') || keywords.length < 3) problems.push('keywords must be "stt" and two others at least')
  return problems
}

/** The published exports are the workspace's exports without the source condition, types first. */
function entries({ manifest }: Package): string[] {
  const { exports = {}, publishConfig = {} } = manifest
  const problems: string[] = []
  const published = JSON.stringify(publishConfig.exports)
  if (JSON.stringify(withoutSource(exports)) !== published) {
    problems.push('publishConfig.exports must be exports without "@stt/source", in the same order')
  }
  for (const [entry, conditions] of Object.entries(exports)) {
    if (typeof conditions === 'string') {
      problems.push(`exports["${entry}"] must be an object of conditions`)
      continue
    }
    for (const branch of branches(conditions)) {
      const names = Object.keys(branch).filter(name => name !== SOURCE)
      if (names.length > 0 && names[0] !== 'types') problems.push(`exports["${entry}"]: types must come first`)
      if (names.at(-1) !== 'default') problems.push(`exports["${entry}"]: default must come last`)
      if (branch[SOURCE] !== undefined && Object.keys(branch)[0] !== SOURCE) {
        problems.push(`exports["${entry}"]: ${SOURCE} must come before the built files`)
      }
    }
  }
  return problems
}

/** A package that no bundler can make a page of says so where its reader begins. */
function readme(repository: Repository, { folder, manifest }: Package): string[] {
  if (!repository.exists('packages', folder, 'README.md')) return ['there is no README.md beside it']
  const usesNode = repository
    .sources(`packages/${folder}/src`, { tests: false })
    .some(file => /\bfrom 'node:|\bimport\('node:/.test(repository.read(file)))
  const main = manifest.exports?.['.']
  const hasPage = !usesNode || (typeof main === 'object' && main['browser'] !== undefined)
  const saysNodeOnly = /^\*\*Node only\*\*/m.test(repository.read('packages', folder, 'README.md'))
  if (hasPage === !saysNodeOnly) return []
  return [
    hasPage
      ? 'its README says **Node only**, and a page can be made of it'
      : 'it imports modules of Node and has no entry for pages: its README must begin a line with **Node only**',
  ]
}

/** Every object of conditions that names files. */
function branches(conditions: Exports): Exports[] {
  const nested = Object.values(conditions).filter(value => typeof value !== 'string')
  const own = Object.fromEntries(Object.entries(conditions).filter(([, value]) => typeof value === 'string'))
  return [...(Object.keys(own).length > 0 ? [own] : []), ...nested.flatMap(branches)]
}

function withoutSource(exports: Exports): Exports {
  return Object.fromEntries(
    Object.entries(exports)
      .filter(([key]) => key !== SOURCE)
      .map(([key, value]) => [key, typeof value === 'string' ? value : withoutSource(value)]),
  )
}

function dependencies({ folder, manifest }: Package): string[] {
  const above = LAYERS[folder] ?? []
  return Object.entries({ ...manifest.dependencies, ...manifest.optionalDependencies }).flatMap(([name, range]) => {
    if (!name.startsWith('@stt/')) {
      return /^\d+\.\d+\.\d+$/.test(range) ? [] : [`${name}: pin the exact version, not ${range}`]
    }
    const problems = range === 'workspace:^' ? [] : [`${name} must be "workspace:^", not "${range}"`]
    if (!above.includes(name.slice('@stt/'.length))) problems.push(`${name} is not in a layer above`)
    return problems
  })
}

const SOURCE = '@stt/source'
