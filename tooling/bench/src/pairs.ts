// npm run pairs -- OLD NEW: what two built checkouts cost in processor time, in turn, pair by pair.
import { availableParallelism, cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { entryOf, measure } from './pairs/measure.ts'
import { type PairedRow, pairsTable } from './pairs/table.ts'
import { tasksOf } from './pairs/tasks.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pairs: { type: 'string', default: '11' },
    only: { type: 'string', default: '' },
    part: { type: 'string', default: '1' },
  },
})
const [pairs, part] = [Number(values.pairs), Number(values.part)]
const tasks = tasksOf(part).filter(({ name }) => name.includes(values.only))
if (positionals.length !== 2 || !Number.isInteger(pairs) || pairs < 1 || !(part > 0) || tasks.length === 0) {
  console.error('usage: npm run pairs -- OLD NEW [--pairs 11] [--only TASK] [--part 1]')
  console.error('OLD and NEW are roots of checkouts whose packages were built')
  process.exit(2)
}
const builds = { old: entryOf(positionals[0]!), new: entryOf(positionals[1]!) }

const began = performance.now()
const rows = tasks.map(task => ({ task, old: [] as number[], new: [] as number[] }) satisfies PairedRow)
for (let pair = 0; pair < pairs; pair++) {
  process.stderr.write(`pair ${pair + 1} of ${pairs}, after ${seconds()} s\n`)
  // Which of the two is first changes, so that neither always finds the machine as the other left it.
  const turns = pair % 2 === 0 ? (['old', 'new'] as const) : (['new', 'old'] as const)
  for (const row of rows) for (const build of turns) row[build].push(await measure(builds[build], row.task))
}

console.log(pairsTable(rows))
console.log(
  `\nNode ${process.versions.node}, ${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown processor'}; ${pairs} pairs in ${seconds()} s, load ${loadavg()[0]!.toFixed(1)}${part === 1 ? '' : `; ${part} of the work`}`,
)

function seconds(): string {
  return ((performance.now() - began) / 1_000).toFixed(0)
}
