import ts from 'typescript'
import { SANS_IO } from '../layers.ts'
import type { Repository } from '../repository.ts'
import type { Rule } from '../rule.ts'

interface Forbidden {
  readonly pattern: RegExp
  readonly why: string
  readonly folders?: readonly string[]
}

/** Things that no published code may do, looked for in its text without comments. */
export const forbidden: Rule = {
  name: 'forbidden',
  claim:
    'no published code computes a SHA-2 or SHA-3 hash, depends on ws, or, in a sans-IO package, reads a clock or asks what a link is',
  check(repository) {
    return [...inSources(repository), ...inManifests(repository)]
  },
}

function inSources(repository: Repository): string[] {
  return repository.packages.flatMap(({ folder }) =>
    repository.sources(`packages/${folder}/src`, { tests: false }).flatMap(file => {
      const code = withoutComments(file, repository.read(file))
      return RULES.filter(({ folders }) => !folders || folders.includes(folder)).flatMap(({ pattern, why }) => {
        const [found] = pattern.exec(code) ?? []
        return found === undefined ? [] : [`${file} has ${found}: ${why}`]
      })
    }),
  )
}

function inManifests(repository: Repository): string[] {
  return repository.packages.flatMap(({ folder, manifest }) => {
    const fields = ['dependencies', 'peerDependencies', 'optionalDependencies'] as const
    return fields
      .filter(field => Object.hasOwn(manifest[field] ?? {}, 'ws'))
      .map(field => `packages/${folder}/package.json names ws in ${field}: only tests may use it (devDependencies)`)
  })
}

function withoutComments(file: string, text: string): string {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest)
  return ts.createPrinter({ removeComments: true }).printFile(source)
}

const RULES: readonly Forbidden[] = [
  {
    // The accept key of RFC 6455 is SHA-1: that is the one hash of the family in the repository's own code.
    pattern: /\bsha[-_]?(2|3|224|256|384|512)(?![0-9])\w*/i,
    why: 'STT hashes with BLAKE2b alone',
  },
  {
    pattern:
      /\b(Date\.now|new Date|performance\.now|setTimeout|setInterval|setImmediate|Math\.random|getRandomValues)\b/,
    why: 'in a sans-IO package time and entropy are arguments',
    folders: SANS_IO,
  },
  {
    pattern: /\bkind\s*[!=]==?|\bswitch\s*\([^)]*\bkind\)/,
    why: 'what matters of a link is a property of its own (lossy, ordered, …): ask for that, so that a new transport fits',
    folders: SANS_IO,
  },
  {
    pattern: /\bstartsWith\(\s*['"`](udp|wss?):/,
    why: 'an address is for people to read: what follows from it comes with the link or the message',
    folders: SANS_IO,
  },
]
