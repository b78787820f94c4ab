import { join } from 'node:path/posix'

export interface LinkPlaces {
  /** The page of a document, by the path of its file from the root of the repository. */
  readonly pages: ReadonlyMap<string, string>
  /** Where the repository is shown. */
  readonly source: string
}

/**
 * The links of a document as they are on the site: to other pages where there is one, and else to where the repository is shown.
 *
 * @param file path of the document from the root of the repository
 */
export function rewriteLinks(markdown: string, file: string, { pages, source }: LinkPlaces): string {
  const rewrite = (target: string): string => {
    const [path = '', anchor] = target.split('#')
    // A folder's README is a page of the site.
    const fragment = anchor === undefined || anchor === 'readme' ? '' : `#${anchor}`
    const inSource = path.startsWith(source) ? /\/(?:blob|tree)\/main\/(.+)$/.exec(path)?.[1] : undefined
    if (path === '' || (/^[a-z]+:/.test(path) && inSource === undefined)) return target
    const named = inSource ?? join(file, '..', path).replace(/\/$/, '')
    const page = pages.get(named) ?? pages.get(`${named}/README.md`)
    if (page !== undefined) return `/${page.replace(/(^|\/)index$/, '$1')}${fragment}`
    return `${source}/${/\.\w+$/.test(named) ? 'blob' : 'tree'}/main/${named}${fragment}`
  }
  return outsideOfCode(markdown, text =>
    text
      .replace(/\]\(([^)\s]+)\)/g, (_, target: string) => `](${rewrite(target)})`)
      .replace(/^(\[[^\]]+\]:\s+)(\S+)/gm, (_, name: string, target: string) => name + rewrite(target)),
  )
}

function outsideOfCode(markdown: string, change: (text: string) => string): string {
  return markdown
    .split(/(^ *```.*?^ *```)/ms)
    .map((part, i) => (i % 2 === 0 ? change(part) : part))
    .join('')
}
