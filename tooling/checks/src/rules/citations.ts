import { readCitations, readLooseRules, readRequirements } from '../requirements.ts'
import type { Rule } from '../rule.ts'

/** Every numbered MUST of docs/PROTOCOL.md is cited at the code that fulfils it and at a test, and nothing else is. */
export const citations: Rule = {
  name: 'citations',
  claim: 'every MUST of docs/PROTOCOL.md has a number, and is cited in code and in a test',
  check(repository) {
    const protocol = repository.read('docs', 'PROTOCOL.md')
    const defined = readRequirements(protocol).map(({ id }) => id)
    const requirements = new Set(defined)
    const inCode = firstPlaces(readCitations(repository, { tests: false }))
    const inTests = firstPlaces(readCitations(repository, { tests: true }))

    const problems = defined
      .filter((id, index) => defined.indexOf(id) !== index)
      .map(id => `docs/PROTOCOL.md defines ${id} twice`)
    problems.push(...readLooseRules(protocol).map(problem => `docs/PROTOCOL.md: ${problem}`))
    for (const id of requirements) {
      if (!inCode.has(id)) problems.push(`${id} is cited in no code: write "// spec: ${id}" where it is fulfilled`)
      if (!inTests.has(id)) problems.push(`${id} is cited in no test: write "// spec: ${id}" at a test that needs it`)
    }
    for (const [id, place] of [...inCode, ...inTests]) {
      if (!requirements.has(id)) problems.push(`${place} cites ${id}, which docs/PROTOCOL.md does not define`)
    }
    return problems
  },
}

function firstPlaces(all: ReturnType<typeof readCitations>): ReadonlyMap<string, string> {
  const places = new Map<string, string>()
  for (const { id, file, line } of all) if (!places.has(id)) places.set(id, `${file}:${line}`)
  return places
}
