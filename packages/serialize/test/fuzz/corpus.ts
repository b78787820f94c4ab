import { readFileSync, writeFileSync } from 'node:fs'
import { unhex } from '../notation.ts'

const corpusFile = new URL('../../corpus/inputs.txt', import.meta.url)
const vectorsFile = new URL('../../vectors/serialize.json', import.meta.url)

/** The inputs that were worth keeping, each a line in hexadecimal. */
export const readCorpus = (): string[] => readFileSync(corpusFile, 'utf8').split('\n').filter(Boolean)

/** Shortest first, so that what is added stands together in a change. */
export function writeCorpus(inputs: readonly string[]): void {
  const ordered = [...new Set(inputs)].sort((a, b) => a.length - b.length || (a < b ? -1 : 1))
  writeFileSync(corpusFile, `${ordered.join('\n')}\n`)
}

/** The vectors, whose short ones every run starts from. */
export const readVectorInputs = (): string[] => {
  const { accepted, refused } = JSON.parse(readFileSync(vectorsFile, 'utf8')) as Record<string, { hex: string }[]>
  return [...accepted!, ...refused!].map(({ hex }) => hex).filter(hex => hex.length > 0 && hex.length < 800)
}

export const toBytes = (inputs: readonly string[]): Uint8Array[] => inputs.map(unhex)
