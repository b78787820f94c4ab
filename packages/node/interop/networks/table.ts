import { mkdirSync, writeFileSync } from 'node:fs'

/** What a scenario measured: milliseconds unless the name says otherwise. */
export type Figures = Readonly<Record<string, number | undefined>>

const rows: [scenario: string, figures: Figures][] = []

export function record(scenario: string, figures: Figures): void {
  rows.push([scenario, figures])
}

/** Leaves the figures of this run in `.reports/`, for people: the machine that they are from judges by outcomes. */
export function writeTable(name: string): void {
  const columns = [...new Set(rows.flatMap(([, figures]) => Object.keys(figures)))]
  const lines = rows
    .toSorted(([one], [other]) => one.localeCompare(other))
    .map(([scenario, figures]) => [scenario, ...columns.map(column => shown(figures[column]))])
  const table = [['scenario', ...columns], columns.concat('').map(() => '---'), ...lines]
  mkdirSync(REPORTS, { recursive: true })
  writeFileSync(new URL(`${name}.md`, REPORTS), table.map(cells => `| ${cells.join(' | ')} |\n`).join(''))
}

const shown = (figure: number | undefined): string => (figure === undefined ? '' : String(Math.round(figure)))

const REPORTS = new URL('../../../../.reports/', import.meta.url)
