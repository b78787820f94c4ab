import type { Repository } from '../repository.ts'
import type { Rule } from '../rule.ts'

/** Every numbered MUST of docs/PROTOCOL.md is cited at the code that fulfils it and at a test, and nothing else is. */
export const citations: Rule = {
  name: 'citations',
  claim: 'every numbered MUST of docs/PROTOCOL.md is cited in code and in a test',
  check(repository) {
    const { requirements, problems } = readRequirements(repository.read('docs', 'PROTOCOL.md'))
    const inCode = citationsIn(repository, false)
    const inTests = citationsIn(repository, true)

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

function readRequirements(text: string): { requirements: Set<string>; problems: string[] } {
  const requirements = new Set<string>()
  const problems: string[] = []
  // What stands above the first section explains the numbering and defines nothing.
  const sections = text.slice(Math.max(0, text.indexOf('\n## ')))
  for (const [, id = ''] of sections.matchAll(/\*\*(STT-[A-Z0-9]+-\d+)\*\*/g)) {
    if (requirements.has(id)) problems.push(`docs/PROTOCOL.md defines ${id} twice`)
    requirements.add(id)
  }
  return { requirements, problems }
}

/** Each cited id with the first place that cites it. */
function citationsIn(repository: Repository, tests: boolean): Map<string, string> {
  const found = new Map<string, string>()
  for (const folder of FOLDERS) {
    for (const file of repository.sources(folder, { tests })) {
      for (const [index, line] of repository.read(file).split('\n').entries()) {
        const [, cited] = /\bspec:(.*)/.exec(line) ?? []
        for (const [id] of cited?.matchAll(/STT-[A-Z0-9]+-\d+/g) ?? []) {
          if (!found.has(id)) found.set(id, `${file}:${index + 1}`)
        }
      }
    }
  }
  return found
}

const FOLDERS = ['packages', 'tooling/testing']
