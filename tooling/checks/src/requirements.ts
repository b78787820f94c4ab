import type { Repository } from './repository.ts'

/** A numbered MUST of docs/PROTOCOL.md. */
export interface Requirement {
  readonly id: string
  /** The heading of the section that defines it, such as `2. Handshake (HS)`. */
  readonly section: string
}

/** Where a requirement is cited. */
export interface Citation {
  readonly id: string
  readonly file: string
  readonly line: number
}

/** Every requirement that the document defines, in its order; one that it defines twice is there twice. */
export function readRequirements(text: string): readonly Requirement[] {
  // The text above the first section explains the numbering and defines nothing.
  const [, ...sections] = text.split(/^## /m)
  return sections.flatMap(section => {
    const heading = section.slice(0, section.indexOf('\n'))
    return [...section.matchAll(/\*\*(STT-[A-Z0-9]+-\d+)\*\*/g)].map(([, id = '']) => ({ id, section: heading }))
  })
}

/** Parts that are no numbered rule with a MUST or SHOULD in it: numbers without one, and MUSTs without a number. */
export function readLooseRules(text: string): readonly string[] {
  const [, ...sections] = text.replace(/^```.*?^```$/gms, '').split(/^## /m)
  return sections
    .flatMap(section => section.split(/\n\s*\n|^(?=- |\*\*STT-)/m))
    .flatMap(part => {
      const [, id] = /\*\*(STT-[A-Z0-9]+-\d+)\*\*/.exec(part) ?? []
      if (id !== undefined) return /\b(MUST|SHOULD)\b/.test(part) ? [] : [`${id} says neither MUST nor SHOULD`]
      const [line] = part.split('\n').filter(each => /\bMUST\b/.test(each))
      return line === undefined ? [] : [`there is a MUST without a number: ${line.trim()}`]
    })
}

/** Every `// spec: STT-…` in code, or in tests, by file and line. */
export function readCitations(repository: Repository, { tests }: { tests: boolean }): readonly Citation[] {
  return FOLDERS.flatMap(folder => repository.sources(folder, { tests })).flatMap(file =>
    repository
      .read(file)
      .split('\n')
      .flatMap((text, index) => {
        const [, cited = ''] = /\bspec:(.*)/.exec(text) ?? []
        return [...cited.matchAll(/STT-[A-Z0-9]+-\d+/g)].map(([id]) => ({ id, file, line: index + 1 }))
      }),
  )
}

const FOLDERS = ['packages', 'tooling/testing']
