import type { FindingLine } from '../json-lines.ts'

/** A finding, as `--json` prints it. Its message is one sentence that says what to do. */
export type Finding = Omit<FindingLine, 'type'>

/** Fields that only some findings have. */
type Facts = Partial<Omit<Finding, 'about' | 'verdict' | 'code' | 'message'>>

/** Makes findings about one part. */
export type Find = (verdict: Finding['verdict'], code: string, message: string, facts?: Facts) => Finding

export const findingsAbout =
  (about: Finding['about']): Find =>
  (verdict, code, message, facts = {}) => ({ about, verdict, code, message: inOneSentence(message), ...facts })

/** Joins the sentences of a message, because some errors have several. */
const inOneSentence = (text: string): string =>
  text.replace(/\. ([A-Z])(?=[a-z ])/g, (_, letter: string) => `; ${letter.toLowerCase()}`)

/** The advice of a finding about a part that works. */
export const NOTHING_TO_DO = 'nothing to do'
