import { availableParallelism, cpus, loadavg } from 'node:os'
import type { Benchmark, RunOptions } from './benchmark.ts'
import { interleave } from './interleave.ts'
import { type MeasuredRow, renderTable } from './table.ts'

/**
 * Runs every row of `benchmark` and gives its table with the state of the machine.
 *
 * @param onRow told before each row, for a person who waits
 */
export async function run(
  benchmark: Benchmark,
  { rounds }: RunOptions,
  onRow: (name: string) => void = () => {},
): Promise<string> {
  const rows: MeasuredRow[] = []
  const load = loadavg()[0]!
  for (const { name, contestants } of benchmark.rows) {
    onRow(name)
    rows.push({ name, figures: await interleave(contestants, rounds) })
  }
  const machine = `Node ${process.versions.node}, ${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown processor'}`
  const state = `${rounds} interleaved rounds, load ${load.toFixed(1)} before and ${loadavg()[0]!.toFixed(1)} after`
  return [renderTable(benchmark, rows), `${machine}; ${state}`].join('\n')
}
