// npm run mutants -- [words]: runs the mutants whose description or file holds all words.
import { cpus } from 'node:os'
import { mutants } from './list.ts'
import type { Mutant } from './mutant.ts'
import { runMutant, runTests } from './run-mutant.ts'

// The test runs end with this program, also when it is interrupted.
process.once('SIGINT', () => process.exit(130))

const words = process.argv.slice(2)
const chosen = mutants.filter(({ without, file }) => words.every(word => `${without} ${file}`.includes(word)))
if (chosen.length === 0) {
  console.error(`no mutant's description or file holds all of: ${words.join(' ')}`)
  process.exit(1)
}
const counts = { killed: 0, survived: 0, broken: 0, skipped: 0 }

const baseline = await runTests([...new Set(chosen.map(({ test }) => test))])
if (baseline.failed.length > 0 || baseline.passed + baseline.skipped === 0) {
  console.error(`without any mutant ${baseline.failed.length} tests fail: ${baseline.failed[0] ?? 'none could be run'}`)
  process.exit(1)
}

const waiting: Mutant[] = [...chosen]
const work = async (): Promise<void> => {
  for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
    const { outcome, detail } = await runMutant(mutant)
    counts[outcome]++
    console.log(`${outcome.padEnd(8)} the code ${mutant.without}  (${detail})`)
  }
}
await Promise.all(Array.from({ length: Math.max(1, cpus().length) }, work))
console.log(
  `${chosen.length} mutants: ${counts.killed} killed, ${counts.survived} survived, ${counts.broken} broken, ${counts.skipped} skipped`,
)
process.exitCode = counts.killed + counts.skipped === chosen.length ? 0 : 1
