import type { FindingLine } from '../json-lines.ts'

/** One thing that was looked at, as `--json` says it. Its message is one sentence, which says what to do. */
export type Finding = Omit<FindingLine, 'type'>

/** What is in no finding of every kind. */
type Facts = Partial<Omit<Finding, 'about' | 'verdict' | 'code' | 'message'>>

/** Makes the findings about one thing. */
export type Find = (verdict: Finding['verdict'], code: string, message: string, facts?: Facts) => Finding

export const findingsAbout =
  (about: Finding['about']): Find =>
  (verdict, code, message, facts = {}) => ({ about, verdict, code, message: inOneSentence(message), ...facts })

/** What errors say is sometimes more than one. */
const inOneSentence = (text: string): string =>
  text.replace(/\. ([A-Z])(?=[a-z ])/g, (_, letter: string) => `; ${letter.toLowerCase()}`)

/** Of what works. */
export const NOTHING_TO_DO = 'nothing to do'
