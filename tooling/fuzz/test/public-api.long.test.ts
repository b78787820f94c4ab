import { expect, test } from 'vitest'
import { loadModules } from '../src/modules.ts'
import { fuzzPackage, fuzzSession } from '../src/run.ts'
import { inOwnFolder } from './own-folder.ts'

inOwnFolder()
const SEEDS = Array.from({ length: 20 }, (_, i) => i + 100)

test.each([...(await loadModules()).keys()])('%s, with many seeds', async name => {
  for (const seed of SEEDS) expect(await fuzzPackage(name, seed, 3_000), `seed ${seed}`).toEqual([])
})

test.each(['ws://127.0.0.1:0', 'udp://127.0.0.1:0'])('a session over %s, with many seeds', async address => {
  for (const seed of SEEDS) expect(await fuzzSession(address, seed, 1_500), `seed ${seed}`).toEqual([])
})
