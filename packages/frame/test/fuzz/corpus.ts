import { readFileSync, writeFileSync } from 'node:fs'
import { fromHex } from '../hex.ts'

const corpusFile = new URL('../../corpus/inputs.txt', import.meta.url)
const vectorsFile = new URL('../../vectors/frames.json', import.meta.url)

/** The inputs that were worth keeping, each a line in hexadecimal. */
export const readCorpus = (): string[] => readFileSync(corpusFile, 'utf8').split('\n').filter(Boolean)

/** Shortest first, so that what is added stands together in a change. */
export function writeCorpus(inputs: readonly string[]): void {
  const ordered = [...new Set(inputs)].sort((a, b) => a.length - b.length || (a < b ? -1 : 1))
  writeFileSync(corpusFile, `${ordered.join('\n')}\n`)
}

/** The packets of the vectors, those that are refused too: every run starts from them. */
export const readVectorInputs = (): string[] => {
  const { packets, refusals } = JSON.parse(readFileSync(vectorsFile, 'utf8')) as Record<string, { bytes: string }[]>
  return [...packets!, ...refusals!].map(({ bytes }) => bytes).filter(Boolean)
}

export const toBytes = (inputs: readonly string[]): Uint8Array[] => inputs.map(fromHex)
