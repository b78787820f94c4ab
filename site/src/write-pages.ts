import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { basename } from 'node:path/posix'
import { pagesOf } from './documents.ts'
import { insertTables } from './figures.ts'
import { rewriteLinks } from './links.ts'
import { programPage } from './program-page.ts'

/**
 * Puts all pages in one folder for VitePress: those that are written for the site, the documents of the repository, and the
 * programs.
 *
 * @param written the folder of the site's own pages
 */
export function writePages(root: string, written: string, destination: string): void {
  rmSync(destination, { recursive: true, force: true })
  cpSync(written, destination, { recursive: true })
  const read = (file: string): string => readFileSync(join(root, file), 'utf8')
  const source = sourceOf(read('package.json'))
  const pages = pagesOf(root)
  for (const [file, page] of pages) {
    const text = file.endsWith('.ts') ? programText(file, read) : read(file)
    const path = join(destination, `${page}.md`)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, asPage(rewriteLinks(text, file, { pages, source }), page, `${source}/blob/main/${file}`))
  }
  const comparison = join(destination, 'guide/comparison.md')
  writeFileSync(comparison, insertTables(readFileSync(comparison, 'utf8'), read('docs/performance.md')))
}

function programText(file: string, read: (file: string) => string): string {
  const name = basename(file, '.ts')
  const others = name === 'page-upload' ? [`${name}.page.js`] : []
  return programPage(name, read(file), new Map(others.map(other => [other, read(join(dirname(file), other))])))
}

/** Beside the page itself: a class for its style, and at its end a line that leads to its source. */
const asPage = (markdown: string, page: string, origin: string): string =>
  `---\npageClass: ${page === 'protocol-index' ? 'rules' : 'document'}\n---\n\n${markdown}\n\n---\n\n[The source of this page](${origin})\n`

function sourceOf(manifest: string): string {
  const [, url] = /^git\+(https:\/\/.+)\.git$/.exec(JSON.parse(manifest).repository.url) ?? []
  if (url === undefined) throw new Error('package.json: repository.url must be git+https://….git')
  return url
}
