import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Follows every link of a folder of static pages to files and headings of the same folder.
 *
 * @param base path that the site has on its server, `/` at its end
 * @returns what leads nowhere, a line each
 */
export function deadLinks(folder: string, base: string): string[] {
  const anchors = new Map<string, ReadonlySet<string>>()
  const anchorsOf = (file: string): ReadonlySet<string> => {
    const known = anchors.get(file)
    if (known) return known
    const found = new Set(
      [...readFileSync(file, 'utf8').matchAll(/\b(?:id|name)="([^"]*)"/g)].map(([, id]) => decode(id!)),
    )
    anchors.set(file, found)
    return found
  }
  return htmlFiles(folder).flatMap(name => {
    const file = join(folder, name)
    const links = new Set(
      [...readFileSync(file, 'utf8').matchAll(/\b(?:href|src)="([^"]*)"/g)].map(([, link]) => decode(link!)),
    )
    return [...links].flatMap(link => {
      if (/^([a-z]+:|\/\/)/.test(link)) return []
      const { pathname, hash } = new URL(link, `http://site${base}${name.replaceAll('\\', '/')}`)
      if (!pathname.startsWith(base)) return [`${name}: ${link} is outside of ${base}`]
      const target = fileOf(join(folder, decodeURIComponent(pathname.slice(base.length))))
      if (target === undefined) return [`${name}: ${link} is no file`]
      const anchor = decodeURIComponent(hash.slice(1))
      if (anchor === '' || !target.endsWith('.html') || anchorsOf(target).has(anchor)) return []
      return [`${name}: ${link}: there is no such heading`]
    })
  })
}

/** As a server of static files finds it. */
function fileOf(path: string): string | undefined {
  return [path, `${path}.html`, join(path, 'index.html')].find(file => existsSync(file) && statSync(file).isFile())
}

function htmlFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.html'))
}

const decode = (text: string): string =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
