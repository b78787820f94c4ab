import { expect, test } from 'vitest'
import { toHex } from '../hex.ts'
import { readCorpus, readVectorInputs, toBytes } from './corpus.ts'
import { examine } from './examine.ts'
import { mutate, randomFrom } from './mutate.ts'

const inputs = toBytes([...readCorpus(), ...readVectorInputs()])

test('every promise holds for the corpus', () => {
  expect(new Set(inputs.map(examine)).size).toBeGreaterThan(100)
})

test('and for twenty thousand mutations of it', () => {
  const random = randomFrom(1)
  for (let run = 0; run < 20_000; run++) {
    const bytes = mutate(inputs, random)
    try {
      examine(bytes)
    } catch (error) {
      throw new Error(`run ${run}: ${toHex(bytes)}`, { cause: error })
    }
  }
})
