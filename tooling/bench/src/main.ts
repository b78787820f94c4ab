import { parseArgs } from 'node:util'
import type { Benchmark } from './benchmark.ts'
import { run } from './run.ts'

/** Each gives its benchmarks when asked, so that one that is not run loads none of its peers. */
const suites: Readonly<Record<string, () => Promise<readonly Benchmark[]>>> = {
  transport: async () => (await import('./benchmarks/transport.ts')).benchmarks(),
  cold: async () => (await import('./benchmarks/cold.ts')).benchmarks(),
  start: async () => (await import('./benchmarks/start.ts')).benchmarks(),
  memory: async () => (await import('./benchmarks/memory.ts')).benchmarks(),
  relay: async () => (await import('./benchmarks/relay.ts')).benchmarks(),
  command: async () => (await import('./benchmarks/command.ts')).benchmarks(),
  handshake: async () => (await import('./benchmarks/handshake.ts')).benchmarks(),
  aead: async () => (await import('./benchmarks/aead.ts')).benchmarks(),
  segments: async () => (await import('./benchmarks/segments.ts')).benchmarks(),
  sockets: async () => (await import('./benchmarks/sockets.ts')).benchmarks(),
  frame: async () => (await import('./benchmarks/frame.ts')).benchmarks(),
  serialize: async () => (await import('./benchmarks/serialize.ts')).benchmarks(),
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '9' }, only: { type: 'string', default: '' } },
})
const suite = suites[positionals[0] ?? '']
const rounds = Number(values.rounds)
if (!suite || positionals.length > 1 || !Number.isInteger(rounds) || rounds < 1) {
  console.error(`usage: npm run bench -- ${Object.keys(suites).join(' | ')} [--rounds 9] [--only TITLE]`)
  process.exit(2)
}

for (const benchmark of await suite()) {
  if (!benchmark.title.includes(values.only)) continue
  const table = await run(benchmark, { rounds }, name => process.stderr.write(`${benchmark.title}: ${name}\n`))
  console.log(`\n${table}`)
}
