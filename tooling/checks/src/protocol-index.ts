import ts from 'typescript'
import type { Repository } from './repository.ts'
import { type Citation, readCitations, readRequirements } from './requirements.ts'

export const INDEX_FILE = 'docs/protocol-index.md'

/** The page that names, for each MUST of docs/PROTOCOL.md, the files that fulfil it and the tests that need it. */
export function protocolIndex(repository: Repository): string {
  const requirements = readRequirements(repository.read('docs', 'PROTOCOL.md'))
  const code = byId(readCitations(repository, { tests: false }))
  const tests = byId(readCitations(repository, { tests: true }))
  const titles = new Map<string, readonly Title[]>()
  const titlesOf = (file: string): readonly Title[] => {
    const known = titles.get(file) ?? readTitles(file, repository.read(file))
    titles.set(file, known)
    return known
  }
  const sections = [...new Set(requirements.map(({ section }) => section))]
  return [
    INTRODUCTION,
    ...sections.flatMap(section => [
      `## ${section}`,
      '',
      '| rule | code | tests |',
      '|---|---|---|',
      ...requirements
        .filter(each => each.section === section)
        .map(({ id }) => {
          const inCode = firstOfFiles(code.get(id) ?? []).map(({ file }) => link(file))
          const inTests = firstOfFiles(tests.get(id) ?? []).map(({ file, line }) => {
            const title = titleAt(titlesOf(file), line)
            return title === undefined ? link(file) : `${link(file)}: ${escaped(title)}`
          })
          return `| ${id} | ${inCode.join('<br>')} | ${inTests.join('<br>')} |`
        }),
      '',
    ]),
  ].join('\n')
}

/** A test or a group of tests, and the lines from the comment before it to its end. */
interface Title {
  readonly text: string
  readonly first: number
  readonly last: number
}

/** Every test and group of a file whose title is written there. */
function readTitles(file: string, text: string): readonly Title[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest)
  const lineOf = (position: number): number => source.getLineAndCharacterOfPosition(position).line + 1
  const titles: Title[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isTestFunction(node.expression)) {
      const [title] = node.arguments
      if (title && (ts.isStringLiteral(title) || ts.isNoSubstitutionTemplateLiteral(title))) {
        const first = lineOf(text.slice(node.getFullStart()).search(/\S/) + node.getFullStart())
        titles.push({ text: title.text, first, last: lineOf(node.getEnd()) })
      }
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return titles
}

/** `test`, `test.skipIf(…)`, `describe.each(…)` and the like, and what the tests of networks and of public vectors call them. */
function isTestFunction(node: ts.Expression): boolean {
  if (ts.isCallExpression(node) || ts.isPropertyAccessExpression(node)) return isTestFunction(node.expression)
  return ts.isIdentifier(node) && TEST_FUNCTIONS.includes(node.text)
}

/** The innermost of those that hold the line. */
function titleAt(titles: readonly Title[], line: number): string | undefined {
  const around = titles.filter(({ first, last }) => first <= line && line <= last)
  return around.reduce<Title | undefined>(
    (inner, each) => (inner && inner.last - inner.first < each.last - each.first ? inner : each),
    undefined,
  )?.text
}

function byId(all: readonly Citation[]): ReadonlyMap<string, readonly Citation[]> {
  const found = new Map<string, Citation[]>()
  for (const each of all) found.set(each.id, [...(found.get(each.id) ?? []), each])
  return found
}

function firstOfFiles(all: readonly Citation[]): readonly Citation[] {
  return all.filter(({ file }, index) => all.findIndex(each => each.file === file) === index)
}

const link = (file: string): string => `[${file.replace(/^(packages|tooling)\//, '')}](../${file})`

const escaped = (title: string): string => title.replace(/[|\\<>*_`[\]]/g, '\\$&').replace(/\s+/g, ' ')

const TEST_FUNCTIONS = ['test', 'it', 'describe', 'scenario', 'describeVectors']

const INTRODUCTION = `# Index of the protocol's rules

Each numbered MUST of [PROTOCOL.md](PROTOCOL.md), with the files that fulfil it and the tests that fail without it. A program
writes this page, and CI compares it: \`npm run index\`.
`
