import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vitepress'
import { deadLinks } from './check-links.ts'
import { writeReference } from './write-api.ts'
import { writePages } from './write-pages.ts'

// Builds the site into `site/dist`, to be served by anything that serves files. STT_SITE_BASE is the path it has there, `/` unless given.
const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '')
const site = join(root, 'site')
const base = process.env['STT_SITE_BASE'] ?? '/'
const { repository } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

writePages(root, join(site, 'pages'), join(site, '.pages'))
await build(site)
await writeReference(root, join(site, 'dist/api'), base, repository.url.slice('git+'.length, -'.git'.length))

const problems = deadLinks(join(site, 'dist'), base)
for (const problem of problems) console.error(problem)
console.log(
  problems.length === 0 ? 'the site is in site/dist, and its links lead somewhere' : `${problems.length} dead links`,
)
process.exitCode = problems.length === 0 ? 0 : 1
