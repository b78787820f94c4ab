import { readFileSync } from 'node:fs'

/** The inputs that were worth keeping, each a line in hexadecimal. */
export const corpus: URL = new URL('../../corpus/inputs.txt', import.meta.url)

/** The packets of the vectors, those that are refused too: every run starts from them. */
export const readVectorInputs = (): string[] => {
  const { packets, refusals } = JSON.parse(readFileSync(vectorsFile, 'utf8')) as Record<string, { bytes: string }[]>
  return [...packets!, ...refusals!].map(({ bytes }) => bytes).filter(Boolean)
}

const vectorsFile = new URL('../../vectors/frames.json', import.meta.url)
