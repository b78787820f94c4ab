import { readFileSync } from 'node:fs'

/** The inputs that were worth keeping, each a line in hexadecimal. */
export const corpus: URL = new URL('../../corpus/inputs.txt', import.meta.url)

/** The vectors, whose short ones every run starts from. */
export const readVectorInputs = (): string[] => {
  const { accepted, refused } = JSON.parse(readFileSync(vectorsFile, 'utf8')) as Record<string, { hex: string }[]>
  return [...accepted!, ...refused!].map(({ hex }) => hex).filter(hex => hex.length > 0 && hex.length < 800)
}

const vectorsFile = new URL('../../vectors/serialize.json', import.meta.url)
