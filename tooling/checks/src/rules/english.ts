import { isTest, type Repository } from '../repository.ts'
import type { Rule } from '../rule.ts'

interface Pattern {
  readonly name: string
  readonly pattern: RegExp
  /** Occurrences in the whole repository that are tolerated. */
  readonly most: number
}

/** A comment or a document is read once if each sentence names its subject; these patterns hide it. */
export const english: Rule = {
  name: 'english',
  claim: 'comments and documents name their subjects plainly, and no source has a name that was replaced',
  check(repository) {
    const texts = new Map(
      repository
        .files()
        .filter(file => TEXTS.test(file) && !SKIPPED.test(file) && !isTest(file))
        .map(file => [file, proseOf(file, repository.read(file))]),
    )
    return [...PATTERNS.flatMap(each => tooMany(texts, each)), ...oldNames(repository)]
  },
}

function tooMany(texts: ReadonlyMap<string, string>, { name, pattern, most }: Pattern): string[] {
  const found = [...texts].flatMap(([file, text]) =>
    [...text.matchAll(pattern)].map(({ index }) => `${file}: …${text.slice(index, index + 60).split('\n')[0]}…`),
  )
  if (found.length <= most) return []
  return [`${name} ${found.length} times, and ${most} at most: say who or what acts\n${found.join('\n')}`]
}

/** A document without its code, or the comments of a source, one to a line. */
function proseOf(file: string, text: string): string {
  if (file.endsWith('.md')) {
    const paragraphs = text.replace(/^ *```.*?^ *```/gms, '').split(/\n\s*\n|\n(?=\s*[|#*-])/)
    return paragraphs.map(each => each.replace(/\s+/g, ' ')).join('\n')
  }
  const comments = text.match(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*(?:\n\s*\/\/.*)*/gm) ?? []
  return comments
    .map(each =>
      each
        .replace(/^\s*\/?\*+\/?|\/\/|\*\/$/gm, ' ')
        .replace(/\s+/g, ' ')
        .trim(),
    )
    .join('\n')
}

function oldNames(repository: Repository): string[] {
  return repository.packages.flatMap(({ folder }) =>
    repository.sources(`packages/${folder}/src`, { tests: false }).flatMap(file => {
      const names = new Set([...repository.read(file).matchAll(OLD_NAMES)].map(([, name]) => name))
      return [...names].map(name => `${file} has the name ${name}: CONTRIBUTING.md has the words that are used`)
    }),
  )
}

const TEXTS = /^(packages|tooling|examples|site|docs|interop)\/.*\.(ts|js|mjs|md)$|^[^/]+\.md$/
const SKIPPED = /(^|\/)(CHANGELOG|api\.d)\.|^docs\/(protocol-index|test-report)\.md$|^tooling\/checks\/test\//

/** The start of a sentence. */
const START = '(?:^|(?<=[.!?:;] ))'

const PATTERNS: readonly Pattern[] = [
  { name: '"Whoever"', pattern: /\bwhoever\b/gi, most: 5 },
  { name: 'a comment that opens with "What"', pattern: /^What\b(?! if\b)(?!.*\?$)/gm, most: 5 },
  {
    name: '"of ours", "of the peer\'s"',
    pattern:
      /\bof (?:ours|theirs|yours|mine|the [a-z]+'s(?=[.,;:)]| (?:is|are|was|has|have|that|which|and|or|in|on|to)\b))/g,
    most: 5,
  },
  { name: '"nobody", "no one"', pattern: /\b(?:nobody|no one)\b/gi, most: 5 },
  { name: 'a sentence about "Nothing"', pattern: new RegExp(`${START}(?:Nothing|None)\\b`, 'gm'), most: 5 },
  {
    name: '"Those that", "One that"',
    pattern: new RegExp(`${START}(?:Those|Ones?) (?:that|who|whose|which)\\b`, 'gm'),
    most: 5,
  },
]

/** Names that hid what they stood for, where they are declared. */
const OLD_NAMES =
  /\b(?:class|interface|type|const|function)\s+((?:open|Udp|Ws|WebSocket)?Door|StreamCredit|SessionReceiveCredit|StreamSessionCredit|CreditWindow|SocketLink|(?:Udp)?DialedLink|AdoptedLink|AcceptedLink|OpenedLink|SharedLink|UnprovedLink|Listening(?:Side)?|Listen(?:Host|Run)|Admission|Applicant|Judge|Verdict|OwnFrames|FrameFate|openApart|giveBack|Reading|Writing|Closing|Sealing|Disposal)\b/g
