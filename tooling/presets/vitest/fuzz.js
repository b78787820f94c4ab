import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

/** xorshift32: small, fast, and good enough to pick mutations. */
export function randomFrom(seed) {
  let state = seed | 0 || 1
  return below => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

export const readCorpus = file => readFileSync(file, 'utf8').split('\n').filter(Boolean)

export const toBytes = inputs => inputs.map(hex => Uint8Array.from(Buffer.from(hex, 'hex')))

export function fuzz({ corpus, vectors, count: usualCount, mutate, examine }) {
  const { count, seed, isDryRun } = parse(usualCount)
  const random = randomFrom(seed)
  const kept = readCorpus(corpus)
  const inputs = toBytes([...kept, ...vectors])
  const seen = new Set(inputs.map(bytes => examine(bytes, random)))
  const found = []
  for (let run = 0; run < count; run++) {
    const bytes = mutate(inputs, random)
    try {
      const kind = examine(bytes, random)
      if (seen.has(kind)) continue
      seen.add(kind)
      inputs.push(bytes)
      found.push(toHex(bytes))
    } catch (error) {
      // Kept, so that the next run and the test meet it until it is mended.
      if (!isDryRun) writeCorpus(corpus, [...kept, ...found, toHex(bytes)])
      console.error(`seed ${seed}, run ${run}: ${toHex(bytes)}`)
      throw error
    }
  }
  if (!isDryRun) writeCorpus(corpus, [...kept, ...found])
  console.log(`${count} inputs from seed ${seed}: all promises held, ${seen.size} kinds, ${found.length} new`)
}

function parse(usualCount) {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: String(usualCount) },
      seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
      'dry-run': { type: 'boolean', default: false },
    },
  })
  const count = Number(values.count)
  const seed = Number(values.seed)
  if (!Number.isInteger(count) || count < 0 || !Number.isInteger(seed)) {
    console.error(`usage: npm run fuzz -- PACKAGE [--count ${usualCount}] [--seed N] [--dry-run]`)
    process.exit(2)
  }
  return { count, seed, isDryRun: values['dry-run'] }
}

/** Shortest first, so that what is added stands together in a change. */
function writeCorpus(file, inputs) {
  const ordered = [...new Set(inputs)].sort((a, b) => a.length - b.length || (a < b ? -1 : 1))
  writeFileSync(file, `${ordered.join('\n')}\n`)
}

const toHex = bytes => Buffer.from(bytes).toString('hex')
