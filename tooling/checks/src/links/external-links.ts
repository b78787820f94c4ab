import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { linksOf } from '../markdown.ts'
import { type Repository, sourceUrl } from '../repository.ts'

/** The links out of the repository: each address, without its anchor, and where it stands. */
export type ExternalLinks = ReadonlyMap<string, ReadonlySet<string>>

/** The links of all documents and manifests to other places, and those of the site where it was built. */
export function externalLinks(repository: Repository): ExternalLinks {
  const links = new Map<string, Set<string>>()
  const add = (place: string, address: string): void => {
    if (!/^(https?:)?\/\//.test(address)) return
    const [url = ''] = address.split('#')
    links.set(url, (links.get(url) ?? new Set()).add(place))
  }
  for (const file of repository.files().filter(each => each.endsWith('.md')))
    for (const { path } of linksOf(repository.read(file))) add(file, path)
  for (const { folder, manifest } of repository.packages)
    for (const address of [manifest.homepage, manifest.bugs])
      if (typeof address === 'string') add(`packages/${folder}/package.json`, address)
  for (const page of pagesOf(join(repository.root, SITE)))
    for (const address of addressesOf(readFileSync(join(repository.root, SITE, page), 'utf8'))) add(SITE, address)
  return links
}

/** The reason why this link leads nowhere, as far as its text and the repository show it; `undefined` if they do not. */
export function linkProblem(repository: Repository, url: string): string | undefined {
  const { protocol, hostname, username, port, search } = new URL(url, 'https://site/')
  if (!url.startsWith('https://')) return `is ${protocol.slice(0, -1)}, or none: write https://`
  if (username !== '' || port !== '') return 'has a user or a port: readers have neither'
  if (RESERVED.test(hostname) || !hostname.includes('.')) return `leads to ${hostname}, which is no place for readers`
  if (/[?&](utm_\w+|fbclid|gclid)=/.test(search)) return 'says where the reader comes from: leave that out'
  return isOwn(repository, url) ? ownProblem(repository, url) : undefined
}

/** Whether it shows a part of this repository, which is looked up here and need not be asked for. */
export function isOwn(repository: Repository, url: string): boolean {
  return /^\/(blob|tree)\//.test(url.slice(sourceUrl(repository).length)) && url.startsWith(`${sourceUrl(repository)}/`)
}

function ownProblem(repository: Repository, url: string): string | undefined {
  const [, kind, path = ''] = /\/(blob|tree)\/main\/(.+)$/.exec(url) ?? []
  const found = statSync(join(repository.root, decodeURIComponent(path)), { throwIfNoEntry: false })
  if (kind === undefined || !found) return 'shows what this repository has not on main'
  const right = found.isDirectory() ? 'tree' : 'blob'
  return kind === right ? undefined : `says ${kind}: a file is blob, a folder tree`
}

function pagesOf(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.html'))
}

function addressesOf(html: string): string[] {
  return [...html.matchAll(/\bhref="([^"]*)"/g)].map(([, address = '']) => address.replaceAll('&amp;', '&'))
}

const SITE = 'site/dist'

/** Names and addresses that are for examples and for one's own machine (RFC 2606, 6761), and bare IP addresses. */
const RESERVED = /^(\[.*\]|[\d.]+|localhost)$|(^|\.)(example|example\.(com|net|org)|test|invalid|local|localhost)$/
