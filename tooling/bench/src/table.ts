import type { Benchmark } from './benchmark.ts'
import { type Summary, summarize, summarizeRatios } from './stats.ts'

export interface MeasuredRow {
  readonly name: string
  readonly figures: ReadonlyMap<string, readonly number[]>
}

/** The one table of a benchmark: a line a contestant, its median, its spread, its ratio to the reference. */
export function renderTable(benchmark: Benchmark, rows: readonly MeasuredRow[]): string {
  const { better, reference, title, unit, notes = [] } = benchmark
  const lines = [[title, 'contestant', unit, 'min–max', `× ${reference}`, 'min–max']]
  for (const { name, figures } of rows) {
    const referenceSamples = figures.get(reference)
    let label = name
    for (const [contestant, samples] of figures) {
      const { median, min, max } = summarize(samples)
      const line = [label, contestant, format(median), `${format(min)}–${format(max)}`]
      if (referenceSamples && contestant !== reference)
        line.push(...ratio(summarizeRatios(samples, referenceSamples, better)))
      lines.push(line)
      label = ''
    }
  }
  return [alignColumns(lines), '', `${better} is better`, ...notes].join('\n')
}

const ratio = ({ median, min, max }: Summary): [string, string] => [
  median.toFixed(2),
  `${min.toFixed(2)}–${max.toFixed(2)}`,
]

/** Three significant digits, thousands grouped. */
function format(figure: number): string {
  const rounded = Number(figure.toPrecision(3))
  return rounded.toLocaleString('en-US', { maximumFractionDigits: rounded >= 100 ? 0 : 2 })
}

/** The first two columns hold names and lean left, the others figures and lean right. */
function alignColumns(lines: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const line of lines) {
    for (const [column, cell] of line.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length)
  }
  return lines
    .map(line =>
      line.map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))),
    )
    .map(line => line.join('  ').trimEnd())
    .join('\n')
}
