import { randomFrom, readCorpus, toBytes } from '@stt/vitest-config/fuzz'
import { describe, expect, it } from 'vitest'
import { hex } from '../notation.ts'
import { corpus, readVectorInputs } from './corpus.ts'
import { examine } from './examine.ts'
import { mutate } from './mutate.ts'

const inputs = toBytes([...readCorpus(corpus), ...readVectorInputs()])

describe('fuzz', () => {
  it('finds every promise held for the corpus', () => {
    const random = randomFrom(1)
    const kinds = new Set(inputs.map(bytes => examine(bytes, random)))
    expect(kinds.size).toBeGreaterThan(100)
  })

  it('and for a few thousand mutations of it', () => {
    const seconds = Number(process.env['STT_FUZZ'] ?? 0)
    const seed = seconds > 0 ? Date.now() : 2
    const until = Date.now() + seconds * 1_000
    const random = randomFrom(seed)
    for (let run = 0; run < 3_000 || Date.now() < until; run++) {
      const bytes = mutate(inputs, random)
      try {
        examine(bytes, random)
      } catch (error) {
        throw new Error(`seed ${seed}, run ${run}: ${hex(bytes)}`, { cause: error })
      }
    }
  })

  it('is the same again for the same seed', () => {
    const run = (seed: number): string[] => {
      const random = randomFrom(seed)
      return Array.from({ length: 20 }, () => hex(mutate(inputs, random)))
    }
    expect(run(5)).toEqual(run(5))
    expect(run(5)).not.toEqual(run(6))
  })
})
