import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join, relative } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { rootTool } from './repository.ts'

interface Report {
  readonly testResults: readonly {
    readonly name: string
    readonly assertionResults: readonly { readonly status: string; readonly duration?: number | null }[]
  }[]
}

interface Run {
  readonly name: string
  readonly about: string
  readonly config: string
  readonly env: Readonly<Record<string, string>>
}

interface Row {
  passed: number
  failed: number
  skipped: number
  seconds: number
}

/** Words that a test file's path must have; a run of some files writes no report. */
const only = process.argv.slice(2)
const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/[\\/]$/, '')

// The same tests as always with more of everything that is drawn by chance, then the ones that only run here.
const RUNS: readonly Run[] = [
  {
    name: 'long-all',
    about: 'All tests, with 100 seeds, 2,000 runs of each law and a minute of fuzzing for each decoder',
    config: 'vitest.config.ts',
    env: { STT_SEEDS: '100', STT_RUNS: '2000', STT_FUZZ: '60', STT_TEST_TIMEOUT: `${20 * 60_000}` },
  },
  {
    name: 'long-only',
    about: 'Soak runs, large inputs and mutants (`*.long.test.ts`)',
    config: 'vitest.long.config.ts',
    env: {},
  },
]

let failed = false
const sections = RUNS.map(({ name, about, config, env }) => {
  const report = join(root, '.reports', `${name}.json`)
  mkdirSync(join(root, '.reports'), { recursive: true })
  rmSync(report, { force: true })
  const started = performance.now()
  const { status } = spawnSync(
    rootTool('vitest'),
    [
      'run',
      '--config',
      config,
      '--passWithNoTests',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...only,
    ],
    { cwd: root, stdio: 'inherit', env: { ...process.env, ...env }, shell: process.platform === 'win32' },
  )
  failed ||= status !== 0
  const minutes = ((performance.now() - started) / 60_000).toFixed(1)
  return `## ${about}\n\n${table(report)}\n${minutes} minutes.\n`
})

// What may differ from one version of Node to another is run on all of them.
if (only.length === 0) {
  const script = join(root, 'tooling', 'run.mjs')
  const { status } = spawnSync(process.execPath, [script, 'versions', '20', '22', '24', '26'], {
    cwd: root,
    stdio: 'inherit',
  })
  failed ||= status !== 0
}

const machine = `Node ${process.version}, ${process.platform} ${process.arch}, ${cpus().length} cores`
const text = `# Report of the long test run

Made by \`npm run test:long\`. ${machine}.

${sections.join('\n')}`
if (only.length > 0) console.log(text)
else writeFileSync(join(root, 'docs', 'test-report.md'), text)
process.exitCode = failed ? 1 : 0

/** One row for each package. */
function table(report: string): string {
  const rows = new Map<string, Row>()
  const { testResults } = existsSync(report)
    ? (JSON.parse(readFileSync(report, 'utf8')) as Report)
    : { testResults: [] }
  for (const { name, assertionResults } of testResults) {
    const folder = relative(root, name).split(/[\\/]/).slice(0, 2).join('/')
    const row = rows.get(folder) ?? { passed: 0, failed: 0, skipped: 0, seconds: 0 }
    rows.set(folder, row)
    // A file that could not be loaded has no tests and is one failure.
    if (assertionResults.length === 0) row.failed += 1
    for (const { status, duration } of assertionResults) {
      row[status === 'passed' ? 'passed' : status === 'failed' ? 'failed' : 'skipped'] += 1
      row.seconds += (duration ?? 0) / 1000
    }
  }
  if (rows.size === 0) return 'No such tests yet.\n'
  const lines = [...rows].sort().map(([folder, row]) => {
    return `| ${folder} | ${row.passed} | ${row.failed} | ${row.skipped} | ${row.seconds.toFixed(1)} |`
  })
  return `| folder | passed | failed | skipped | seconds |\n|---|---|---|---|---|\n${lines.join('\n')}\n`
}
