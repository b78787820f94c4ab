import { randomFrom, readCorpus, toBytes } from '@stt/vitest-config/fuzz'
import { expect, test } from 'vitest'
import { toHex } from '../hex.ts'
import { corpus, readVectorInputs } from './corpus.ts'
import { examine } from './examine.ts'
import { mutate } from './mutate.ts'

const inputs = toBytes([...readCorpus(corpus), ...readVectorInputs()])

test('every promise holds for the corpus', () => {
  expect(new Set(inputs.map(examine)).size).toBeGreaterThan(100)
})

test('and for mutations of it', () => {
  const seconds = Number(process.env['STT_FUZZ'] ?? 0)
  const seed = seconds > 0 ? Date.now() : 1
  const until = Date.now() + seconds * 1_000
  const random = randomFrom(seed)
  for (let run = 0; run < 20_000 || Date.now() < until; run++) {
    const bytes = mutate(inputs, random)
    try {
      examine(bytes)
    } catch (error) {
      throw new Error(`seed ${seed}, run ${run}: ${toHex(bytes)}`, { cause: error })
    }
  }
})
