import { summarize } from '../stats.ts'
import type { Task } from './measure.ts'

/** What a task cost in both builds, pair by pair. */
export interface PairedRow {
  readonly task: Pick<Task, 'name' | 'unit'>
  readonly old: readonly number[]
  readonly new: readonly number[]
}

/** A Markdown table. The ratio is that of the median pair: two runs that came one after the other shared the machine's mood. */
export function pairsTable(rows: readonly PairedRow[]): string {
  const lines = rows.map(({ task: { name, unit }, old, new: renewed }) => {
    if (old.length !== renewed.length) throw new RangeError('each figure of the old build needs one of the new build')
    const ratios = summarize(renewed.map((figure, pair) => figure / old[pair]!))
    const figures = [old, renewed].map(each => Number(summarize(each).median.toPrecision(3)))
    return [name, unit, ...figures, ratios.median.toFixed(3), `${ratios.min.toFixed(3)}–${ratios.max.toFixed(3)}`]
  })
  const head = ['processor time of both ends', 'unit', 'old', 'new', 'new ÷ old', 'min–max']
  return [head, ['---', '---', '---:', '---:', '---:', '---:'], ...lines]
    .map(cells => `| ${cells.join(' | ')} |`)
    .join('\n')
}
