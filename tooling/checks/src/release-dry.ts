import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Copy } from './copy.ts'
import { changesetCommand, type Manifest, Repository, sourceUrl } from './repository.ts'

// Performs a release in a copy, without publishing: the version step, then every package packed and shown
// to the publish command, which looks at everything and sends nothing.
const copy = new Copy()
let problems: string[]
try {
  copy.commitAll()
  const before = new Map(new Repository(copy.root).packages.map(({ manifest }) => [manifest.name, manifest.version]))
  const [command, ...parameters] = changesetCommand('version')
  execFileSync(command, parameters, { cwd: copy.root, stdio: 'inherit' })

  const repository = new Repository(copy.root)
  const released = repository.packages.filter(({ manifest }) => before.get(manifest.name) !== manifest.version)
  console.log(
    released.length > 0 ? 'a release now would publish:' : 'no changeset waits: a release now would publish nothing',
  )
  for (const { manifest } of released)
    console.log(`  ${manifest.name} ${before.get(manifest.name)} → ${manifest.version}`)

  const folder = join(copy.root, 'tarballs')
  mkdirSync(folder)
  const tarballs = await repository.pack(folder)
  problems = [...elsewhere(repository), ...[...tarballs].flatMap(([name, tarball]) => inspect(name, tarball))]
  for (const { manifest } of released) problems.push(...unexplained(manifest, tarballs.get(manifest.name)!))
  for (const { folder: short, manifest } of released) problems.push(...(await offer(repository, short, manifest.name)))
} finally {
  copy.delete()
}

for (const problem of problems) console.error(problem)
console.log(problems.length === 0 ? 'the dry run found nothing wrong' : `the dry run found ${problems.length} problems`)
process.exitCode = problems.length === 0 ? 0 : 1

/** The registry takes a proof of origin only for packages that name the repository whose workflow made it. */
function elsewhere(repository: Repository): string[] {
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY } = process.env
  const here = `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}`
  const named = sourceUrl(repository)
  if (!GITHUB_REPOSITORY || here === named) return []
  return [
    `package.json names ${named} and this runs in ${here}: put that in its place in every package.json and README`,
  ]
}

/** A version says in its CHANGELOG what is different, from its changesets. */
function unexplained({ name, version }: Manifest, tarball: string): string[] {
  const packed = tar('-tzf', tarball).includes('package/CHANGELOG.md')
  const text = packed ? tar('-xzOf', tarball, 'package/CHANGELOG.md') : ''
  return text.includes(`\n## ${version}\n`) ? [] : [`${name}: the CHANGELOG in its tarball says nothing of ${version}`]
}

function tar(...parameters: string[]): string {
  return execFileSync('tar', parameters, { encoding: 'utf8' })
}

/** Checks for files that must not be in a tarball, and for files that must be. */
function inspect(name: string, tarball: string): string[] {
  const files = tar('-tzf', tarball).trim().split('\n')
  const manifest = tar('-xzOf', tarball, 'package/package.json')
  const missing = ['README.md', 'LICENSE', 'dist/index.js', 'dist/index.d.ts']
    .filter(file => !files.includes(`package/${file}`))
    .map(file => `${name}: ${file} is not in the tarball`)
  const strange = files
    .filter(file => /\/(src|test|interop|node_modules)\/|\.test\.|tsconfig|\.env/.test(file))
    .map(file => `${name}: ${file} does not belong into the tarball`)
  const unresolved = /"(workspace|catalog):/.test(manifest)
    ? [`${name}: its package.json has a range of the workspace`]
    : []
  return [...missing, ...strange, ...unresolved]
}

async function offer(repository: Repository, folder: string, name: string): Promise<string[]> {
  const { status, output } = await repository.pnpm(
    ['publish', '--dry-run', '--no-git-checks', '--access', 'public'],
    join(repository.root, 'packages', folder),
  )
  return status === 0 ? [] : [`${name}: the publish command refuses it:\n${output}`]
}
