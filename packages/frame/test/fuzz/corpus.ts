import { readFileSync } from 'node:fs'

/** The inputs that were worth keeping, each a line in hexadecimal. */
export const corpus: URL = new URL('../../corpus/inputs.txt', import.meta.url)

/** The packets of the vectors, those that are refused too: every run starts from them. */
export const readVectorInputs = (): string[] => {
  const { packets, refusals, punching, punchingRefusals } = JSON.parse(readFileSync(vectorsFile, 'utf8')) as Vectors
  return [packets!, refusals!, punching!, punchingRefusals!]
    .flat()
    .map(({ bytes }) => bytes)
    .filter(Boolean)
}

type Vectors = Record<string, { bytes: string }[]>
const vectorsFile = new URL('../../vectors/frames.json', import.meta.url)
