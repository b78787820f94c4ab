import { parseArgs } from 'node:util'
import { toHex } from '../hex.ts'
import { readCorpus, readVectorInputs, toBytes, writeCorpus } from './corpus.ts'
import { examine } from './examine.ts'
import { mutate, randomFrom } from './mutate.ts'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    'dry-run': { type: 'boolean', default: false },
  },
})
const count = Number(values.count)
const seed = Number(values.seed)
if (!Number.isInteger(count) || count < 0 || !Number.isInteger(seed)) {
  console.error('usage: pnpm run fuzz [--count 1000000] [--seed N] [--dry-run]')
  process.exit(2)
}

const random = randomFrom(seed)
const kept = readCorpus()
const inputs = toBytes([...kept, ...readVectorInputs()])
const seen = new Set(inputs.map(examine))
const found: string[] = []
for (let run = 0; run < count; run++) {
  const bytes = mutate(inputs, random)
  try {
    const kind = examine(bytes)
    if (seen.has(kind)) continue
    seen.add(kind)
    inputs.push(bytes)
    found.push(toHex(bytes))
  } catch (error) {
    // Kept, so that the next run and the test meet it until it is mended.
    if (!values['dry-run']) writeCorpus([...kept, ...found, toHex(bytes)])
    console.error(`seed ${seed}, run ${run}: ${toHex(bytes)}`)
    throw error
  }
}
if (!values['dry-run']) writeCorpus([...kept, ...found])
console.log(`${count} inputs from seed ${seed}: all promises held, ${seen.size} kinds, ${found.length} new`)
