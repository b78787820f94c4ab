import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Mutant } from './mutant.ts'
import { runWithin } from './time-limit.ts'

export const root: string = fileURLToPath(new URL('../../..', import.meta.url))

/** How a test file took to a mutant. */
export type Outcome =
  /** A test failed, as it had to, or hung. */
  | 'killed'
  /** Every test passed: the defence is not tested. */
  | 'survived'
  /** The tests need a program that is not installed here. */
  | 'skipped'
  /** The text to replace is not there exactly once, or no test could run at all: the list is out of date. */
  | 'broken'

export interface Verdict {
  readonly outcome: Outcome
  /** The test that failed, that time was over, or what is wrong with the mutant. */
  readonly detail: string
}

/**
 * Runs a mutant's test file over the changed sources.
 *
 * @param limit milliseconds that the run may take: a change that makes a loop endless fails no test
 */
export async function runMutant(mutant: Mutant, limit: number = TIME_LIMIT): Promise<Verdict> {
  const found = readFileSync(join(root, mutant.file), 'utf8').split(mutant.find).length - 1
  if (found !== 1) return { outcome: 'broken', detail: `the text to replace stands ${found} times in ${mutant.file}` }
  const { passed, failed, skipped, inTime } = await runTests([mutant.test], mutant, limit)
  if (!inTime) return { outcome: 'killed', detail: `by time: ${mutant.test} had not ended after ${limit / 1_000} s` }
  if (failed[0] !== undefined) return { outcome: 'killed', detail: failed[0] }
  if (passed > 0) return { outcome: 'survived', detail: `all ${passed} tests of ${mutant.test} passed` }
  if (skipped > 0) return { outcome: 'skipped', detail: `${mutant.test} needs a program that is not installed` }
  return { outcome: 'broken', detail: `${mutant.test} could not be run with this change` }
}

/** The results of the tests of some files. */
export interface TestRun {
  readonly passed: number
  readonly failed: readonly string[]
  readonly skipped: number
  /** Whether they ended by themselves; where not, nothing is known of any. */
  readonly inTime: boolean
}

/** Runs test files, with a mutant or as they are, for `limit` milliseconds at most. */
export async function runTests(
  files: readonly string[],
  mutant?: Mutant,
  limit: number = Number.POSITIVE_INFINITY,
): Promise<TestRun> {
  const folder = mkdtempSync(join(tmpdir(), 'stt-mutant-'))
  try {
    const report = join(folder, 'report.json')
    const config = join('tooling', 'mutants', 'mutant.config.ts')
    const vitest = join(root, 'node_modules/vitest/vitest.mjs')
    const parameters = ['run', '--config', config, '--reporter=json', `--outputFile=${report}`, ...files]
    const env = { ...process.env, STT_MUTANT: JSON.stringify(mutant ?? {}) }
    const inTime = await runWithin(limit, process.execPath, [vitest, ...parameters], {
      cwd: root,
      env,
      stdio: 'ignore',
    })
    return inTime ? { ...readReport(report), inTime } : { passed: 0, failed: [], skipped: 0, inTime }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function readReport(report: string): Omit<TestRun, 'inTime'> {
  interface Report {
    readonly testResults: { readonly assertionResults: { readonly status: string; readonly fullName: string }[] }[]
  }
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as Report
  const all = testResults.flatMap(({ assertionResults }) => assertionResults)
  const count = (...wanted: string[]): number => all.filter(({ status }) => wanted.includes(status)).length
  return {
    passed: count('passed'),
    skipped: count('skipped', 'pending'),
    failed: all.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
  }
}

const TIME_LIMIT = 120_000
