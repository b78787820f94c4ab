import { Neighbours } from '../neighbours.ts'
import type { Repository } from '../repository.ts'
import type { Rule } from '../rule.ts'

/** A list of files that one thing goes through, as docs/ARCHITECTURE.md has it. */
interface Walk {
  readonly title: string
  /** How many files it may have; `undefined` where its heading does not say. */
  readonly most: number | undefined
  readonly steps: readonly Step[]
}

interface Step {
  /** From `packages/`; `undefined` for an item that does not begin with one. */
  readonly file: string | undefined
  readonly text: string
  /** The step that it has to know: the one before it, or, for a look aside, the one that it hangs from. */
  readonly from: string | undefined
}

/**
 * The walks of docs/ARCHITECTURE.md stay as short as their headings say. A walk is a
 * heading `### Walk: WHAT (at most N files)` and the numbered list under it. Each item begins with a file's path from
 * `packages/` in backticks. A file that is only looked into, on the way from one to the next, is an item below that one.
 */
export const walks: Rule = {
  name: 'walks',
  claim:
    'the walks of docs/ARCHITECTURE.md go from file to file that know each other, and are no longer than they may be',
  check(repository) {
    const found = walksOf(repository.read(DOCUMENT))
    if (found.length === 0) {
      return [
        `${DOCUMENT} has no walk: write a heading "### Walk: WHAT (at most N files)" and a numbered list under it`,
      ]
    }
    const neighbours = new Neighbours(repository)
    return found.flatMap(walk => problemsOf(walk, repository, neighbours))
  },
}

function problemsOf(walk: Walk, repository: Repository, neighbours: Neighbours): string[] {
  const where = `${DOCUMENT}, walk "${walk.title}"`
  const exists = (file: string): boolean => repository.exists('packages', file)
  const ofSteps = walk.steps.flatMap(({ file, text, from }, index): string[] => {
    if (file === undefined) return [`${where}: "${text}" does not begin with a path in backticks, from packages/`]
    if (!exists(file)) return [`${where}: there is no packages/${file}; name the file that does this now`]
    if (walk.steps.findIndex(each => each.file === file) < index) return [`${where} goes to ${file} twice: drop one`]
    if (from === undefined || !exists(from) || neighbours.are(`packages/${from}`, `packages/${file}`)) return []
    return [
      `${where}: ${from} and ${file} do not know each other; name what lies between them, or drop what is not on the way`,
    ]
  })
  return [...ofLength(walk).map(problem => `${where} ${problem}`), ...ofSteps]
}

function ofLength({ most, steps }: Walk): string[] {
  if (most === undefined) return ['does not end its heading with "(at most N files)"']
  if (steps.length === 0) return ['has no steps: write a numbered list under its heading, a file each']
  if (steps.length <= most) return []
  return [`has ${steps.length} files and may have ${most}: let the code need fewer; the walk must not skip any`]
}

function walksOf(document: string): readonly Walk[] {
  return document.split(/^(?=#{1,6} )/m).flatMap(section => {
    const [heading = '', ...lines] = section.split('\n')
    const [, title] = /^#+ Walk: (.*)$/.exec(heading) ?? []
    if (title === undefined) return []
    const [, most] = /\(at most (\d+) files\)$/.exec(title.trim()) ?? []
    return [
      {
        title: title.replace(/ *\(at most .*$/, ''),
        most: most === undefined ? undefined : Number(most),
        steps: stepsOf(lines),
      },
    ]
  })
}

function stepsOf(lines: readonly string[]): readonly Step[] {
  const steps: Step[] = []
  /** The last file at each depth, by its indent. */
  let open: { readonly indent: number; readonly file: string }[] = []
  for (const line of lines) {
    const [, spaces, text] = /^( *)(?:\d+\.|[-*]) +(.*)$/.exec(line) ?? []
    if (spaces === undefined || text === undefined) continue
    const indent = spaces.length
    const [, file] = /^`([^`]+)`/.exec(text) ?? []
    const beside = indent === 0 ? open[0] : open.findLast(each => each.indent < indent)
    steps.push({ file, text, from: beside?.file })
    if (file !== undefined) open = [...open.filter(each => each.indent < indent), { indent, file }]
  }
  return steps
}

const DOCUMENT = 'docs/ARCHITECTURE.md'
