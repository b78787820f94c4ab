import type { Manifest, Repository } from '../repository.ts'
import type { Rule } from '../rule.ts'

/** A reader has Node and npm; the package manager is fetched by the scripts of the root's package.json. */
export const tasks: Rule = {
  name: 'tasks',
  claim: 'every command that a text tells people to type is a script of the root package.json, and none needs pnpm',
  check(repository) {
    const { scripts = {} } = JSON.parse(repository.read('package.json')) as Manifest
    return repository
      .files()
      .filter(file => /\.(md|html|[mc]?[jt]s)$/.test(file) && !/(^|\/)CHANGELOG\.md$|^\.changeset\//.test(file))
      .filter(file => !file.startsWith('tooling/checks/test/'))
      .flatMap(file => checkText(repository, file, scripts))
  },
}

function checkText(repository: Repository, file: string, scripts: Readonly<Record<string, string>>): string[] {
  const text = repository.read(file)
  const [typed] = PNPM.exec(text) ?? []
  const missing = [...text.matchAll(SCRIPT)].map(([, name = '']) => name).filter(name => !(name in scripts))
  return [
    ...(typed === undefined
      ? []
      : [`${file} says "${typed}": readers have npm only, so make it a script of package.json`]),
    ...missing.map(name => `${file} says "npm run ${name}", which is no script of package.json`),
  ]
}

const PNPM = /\bpnpm (run|exec|test|install|add|--filter|-r)\b/
const SCRIPT = /\bnpm run ([a-z]+(?::[a-z]+)*)/g
