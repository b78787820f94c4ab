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
    readonly assertionResults: readonly Assertion[]
  }[]
}

interface Assertion {
  readonly fullName: string
  readonly status: string
  readonly duration?: number | null
}

interface Run {
  /** Its name for `--part`. */
  readonly name: string
  readonly about: string
  /** Names of the projects of vitest.config.ts. */
  readonly project: string
  readonly env: Readonly<Record<string, string>>
  /** Which of the files of `project`; all of them unless given. */
  readonly filter?: readonly string[]
}

interface Row {
  passed: number
  failed: number
  skipped: number
  seconds: number
}

/**
 * `--part NAME` runs one part alone, and the report has of the others what their last runs said. Other words are such that a
 * test file's path must have, or `-t NAME`: of a part these tests are run again, and the report has of its others what their last
 * run said; without a part a run of some tests writes no report.
 */
const words = process.argv.slice(2)
const part = words[0] === '--part' ? words[1] : undefined
const only = part === undefined ? words : words.slice(2)
const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/[\\/]$/, '')

const SOAK = 'packages/node/test/hostile'
const MUTANTS = 'tooling/mutants'

// The same tests as always with more of everything that is drawn by chance, then the ones that only run here.
const RUNS: readonly Run[] = [
  {
    name: 'all',
    about: 'All tests, with 100 seeds, 2,000 runs of each law and a minute of fuzzing for each decoder',
    project: 'unit:*',
    env: { STT_SEEDS: '100', STT_RUNS: '2000', STT_FUZZ: '60', STT_TEST_TIMEOUT: `${20 * 60_000}` },
  },
  { name: 'soak', about: 'A node under attack for ten minutes', project: 'long', env: {}, filter: [SOAK] },
  {
    name: 'large',
    about: 'Many seeds, large inputs and real processes (`*.long.test.ts`)',
    project: 'long',
    env: {},
    filter: [`--exclude=${SOAK}/**`, `--exclude=${MUTANTS}/**`],
  },
  { name: 'mutants', about: 'Mutants: each has to make a test fail', project: 'long', env: {}, filter: [MUTANTS] },
]

if (part !== undefined && !RUNS.some(({ name }) => name === part)) {
  throw new Error(`there is no part ${part}: they are ${RUNS.map(({ name }) => name).join(', ')}`)
}

let failed = false
mkdirSync(join(root, '.reports'), { recursive: true })
const sections = RUNS.map(run => {
  const report = join(root, '.reports', `long-${run.name}.json`)
  const took = join(root, '.reports', `long-${run.name}.minutes`)
  if (part === undefined || part === run.name) {
    const started = performance.now()
    const before = part !== undefined && only.length > 0 ? read(report) : undefined
    failed ||= !runTests(run, report)
    const minutes = ((performance.now() - started) / 60_000).toFixed(1)
    if (before)
      addTo(before, report, `${readFileSync(took, 'utf8')}, and ${minutes} for ${only.join(', ')} again`, took)
    else writeFileSync(took, minutes)
  }
  const minutes = existsSync(took) ? readFileSync(took, 'utf8') : '0'
  return `## ${run.about}\n\n${table(report)}\nMinutes: ${minutes}.\n`
})

// What may differ from one version of Node to another is run on all of them.
if (words.length === 0) {
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
if (part === undefined && only.length > 0) console.log(text)
else writeFileSync(join(root, 'docs', 'test-report.md'), text)
process.exitCode = failed ? 1 : 0

function runTests({ project, env, filter = [] }: Run, report: string): boolean {
  rmSync(report, { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile=${report}`]
  const { status } = spawnSync(
    rootTool('vitest'),
    ['run', `--project=${project}`, '--passWithNoTests', ...reporters, ...filter, ...only],
    { cwd: root, stdio: 'inherit', env: { ...process.env, ...env }, shell: process.platform === 'win32' },
  )
  return status === 0
}

function read(report: string): Report {
  return existsSync(report) ? (JSON.parse(readFileSync(report, 'utf8')) as Report) : { testResults: [] }
}

/** Puts what a run of some tests said in the place of what an earlier one of all said of these. */
function addTo(before: Report, report: string, minutes: string, took: string): void {
  const again = new Map<string, Assertion>()
  const key = (file: string, { fullName }: Assertion): string => `${file} ${fullName}`
  for (const { name, assertionResults } of read(report).testResults) {
    for (const each of assertionResults) {
      if (each.status === 'passed' || each.status === 'failed') again.set(key(name, each), each)
    }
  }
  const testResults = before.testResults.map(({ name, assertionResults }) => ({
    name,
    assertionResults: assertionResults.map(each => again.get(key(name, each)) ?? each),
  }))
  writeFileSync(report, JSON.stringify({ testResults }))
  writeFileSync(took, minutes)
}

/** One row for each package. */
function table(report: string): string {
  const rows = new Map<string, Row>()
  const { testResults } = read(report)
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
