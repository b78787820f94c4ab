import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { basename } from 'node:path/posix'

/** Documents of the repository that are pages of the site: the page by the path of its file. */
export function pagesOf(root: string): ReadonlyMap<string, string> {
  const pages = new Map([
    ['README.md', 'overview'],
    ['SECURITY.md', 'security'],
    ['CONTRIBUTING.md', 'contributing'],
    ['packages/transfer/TRANSFER.md', 'packages/transfer-protocol'],
    ['examples/programs/README.md', 'programs/index'],
    ['examples/drop/README.md', 'programs/drop'],
    ['examples/file-transfer/README.md', 'programs/file-transfer'],
    ['interop/python/README.md', 'interop-python'],
  ])
  for (const file of readdirSync(join(root, 'docs'))) {
    if (file.endsWith('.md')) pages.set(`docs/${file}`, basename(file, '.md').toLowerCase())
  }
  for (const folder of readdirSync(join(root, 'packages')))
    pages.set(`packages/${folder}/README.md`, `packages/${folder}`)
  for (const folder of readdirSync(join(root, 'packages'))) {
    const file = `packages/${folder}/CHANGELOG.md`
    if (existsSync(join(root, file))) pages.set(file, `changes/${folder}`)
  }
  for (const file of readdirSync(join(root, 'examples/programs/src'))) {
    if (/^[^.]+\.ts$/.test(file)) pages.set(`examples/programs/src/${file}`, `programs/${basename(file, '.ts')}`)
  }
  return pages
}
