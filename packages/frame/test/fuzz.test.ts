import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'vitest'
import { fromHex, toHex } from './hex.ts'
import { checkLaw } from './law.ts'
import { Mutator } from './mutator.ts'

/*
 * A short run belongs to every test run. `STT_FUZZ=60 npx vitest run fuzz` searches for 60 seconds from a new seed
 * and adds each input that behaved in a new way to the corpus, which is committed.
 */

const corpusFile = new URL('./corpus/frames.txt', import.meta.url)
const seconds = Number(process.env['STT_FUZZ'] ?? 0)

/** How an input behaved, coarse enough that the corpus ends growing: the first frame read, and the refusal. */
function behaviour(input: Uint8Array): string {
  const { frames, refused } = checkLaw(input)
  return `${frames[0]?.type} ${refused?.rule ?? frames.length > 1}`
}

test('inputs made from the corpus keep the law of the decoder', () => {
  const lines = readFileSync(corpusFile, 'utf8').split('\n')
  const corpus = lines.filter(line => line !== '').map(fromHex)
  const seen = new Set(corpus.map(behaviour))

  const seed = seconds > 0 ? Date.now() : 1
  const mutator = new Mutator(seed)
  const until = Date.now() + seconds * 1_000
  for (let i = 0; seconds > 0 ? Date.now() < until : i < 20_000; i++) {
    const input = mutator.next(corpus)
    try {
      const how = behaviour(input)
      if (seen.has(how)) continue
      seen.add(how)
      corpus.push(input)
    } catch (cause) {
      throw new Error(`seed ${seed}, input ${toHex(input)}`, { cause })
    }
  }
  if (seconds > 0)
    writeFileSync(
      corpusFile,
      `${corpus
        .filter(input => input.length > 0)
        .map(toHex)
        .sort()
        .join('\n')}\n`,
    )
}, 600_000)
