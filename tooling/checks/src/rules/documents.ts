import { dirname, join } from 'node:path/posix'
import { anchorsOf, linksOf, undefinedReferences } from '../markdown.ts'
import type { Repository } from '../repository.ts'
import type { Rule } from '../rule.ts'

/** Links between documents lead somewhere, and the files that docs/ARCHITECTURE.md walks through are there. */
export const documents: Rule = {
  name: 'documents',
  claim: 'links between documents lead somewhere, and docs/ARCHITECTURE.md names files that exist',
  check(repository) {
    const files = repository.files()
    return (
      files
        // Those of the site are followed where it is built, as they lead to pages that are made there.
        .filter(file => file.endsWith('.md') && !/^(\.changeset|site)\//.test(file))
        .flatMap(file => [...deadLinks(repository, file), ...missingFiles(repository, file, files)])
    )
  },
}

function deadLinks(repository: Repository, file: string): string[] {
  const text = repository.read(file)
  const undefinedNames = undefinedReferences(text).map(name => `${file}: [${name}] is defined nowhere`)
  const dead = linksOf(text).flatMap(({ path, anchor }) => {
    if (/^[a-z]+:/.test(path)) return []
    const target = path === '' ? file : join(dirname(file), path)
    if (!repository.exists(target)) return [`${file} links to ${path}, which does not exist`]
    if (anchor === '') return []
    const readme = target.endsWith('.md') ? target : join(target, 'README.md')
    if (repository.exists(readme) && anchorsOf(repository.read(readme)).has(anchor)) return []
    return [`${file} links to ${path}#${anchor}: there is no such heading`]
  })
  return [...undefinedNames, ...dead]
}

function missingFiles(repository: Repository, file: string, files: readonly string[]): string[] {
  if (file !== 'docs/ARCHITECTURE.md') return []
  return [...repository.read(file).matchAll(/`([\w./-]+\.ts)`/g)]
    .map(([, name = '']) => name)
    .filter(name => !files.some(each => each.endsWith(`/${name}`) || endsLike(each, name)))
    .map(name => `${file} names ${name}, which does not exist`)
}

/** `session/src/session-engine.ts` and `life/close-state.ts` name files too, without the folders between. */
function endsLike(path: string, name: string): boolean {
  const parts = name.split('/')
  return parts.length > 1 && path.endsWith(`/${parts.at(-1)}`) && parts.every(part => path.split('/').includes(part))
}
