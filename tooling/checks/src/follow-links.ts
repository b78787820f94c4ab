import { fileURLToPath } from 'node:url'
import { externalLinks, isOwn } from './links/external-links.ts'
import { followLink } from './links/follow-link.ts'
import { Repository } from './repository.ts'

// Lists every link that leads out of the repository, and with `--follow` follows each: `npm run links -- --follow`. That is
// for people and for the hosted workflow, as no test of this repository talks to others. What shows a file of the repository
// itself is looked up by the check `external`.
const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/[\\/]$/, '')
const repository = new Repository(root)
const links = [...externalLinks(repository)].filter(([url]) => !isOwn(repository, url)).sort()
const follow = process.argv.includes('--follow')
let dead = 0
for (const [url, places] of links) {
  const problem = follow ? await followLink(url) : undefined
  if (problem !== undefined) dead++
  console.log([follow ? (problem ?? 'ok') : '', url, `(${[...places].join(', ')})`].filter(Boolean).join(' '))
}
console.log(follow ? `${links.length} links, ${dead} dead` : `${links.length} links; --follow follows them`)
process.exitCode = dead === 0 ? 0 : 1
