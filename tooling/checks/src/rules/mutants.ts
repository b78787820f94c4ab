import { mutants as list } from '../../../mutants/src/list.ts'
import type { Rule } from '../rule.ts'

interface Mutant {
  readonly without: string
  readonly file: string
  readonly find: string
  readonly test: string
}

/** A mutant whose text is not there, or not only once, is one that the long run cannot make. */
export const mutants: Rule = {
  name: 'mutants',
  claim: "each mutant's text stands exactly once in its file, and its test file is there",
  check: repository => checkMutants(list, path => (repository.exists(path) ? repository.read(path) : undefined)),
}

/** @param read the text of a file, from the root; undefined when there is none */
export function checkMutants(mutants: readonly Mutant[], read: (path: string) => string | undefined): string[] {
  const texts = new Map<string, string | undefined>()
  const textOf = (path: string): string | undefined => {
    if (!texts.has(path)) texts.set(path, read(path))
    return texts.get(path)
  }
  return mutants.flatMap(({ without, file, find, test }) => {
    const text = textOf(file)
    const mutant = `the mutant that ${without}`
    if (text === undefined) return [`${mutant}: there is no ${file}`]
    const times = text.split(find).length - 1
    return [
      ...(times === 1
        ? []
        : [`${mutant}: its text stands ${times} times in ${file}, not once; look how it is written now`]),
      ...(textOf(test) === undefined ? [`${mutant}: there is no ${test}`] : []),
    ]
  })
}
