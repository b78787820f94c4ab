import { describe, expect, test } from 'vitest'
import { mutants } from './list.ts'
import { runMutant, runTests } from './run-mutant.ts'

test('every named test file passes as long as nothing is taken away', async () => {
  const { passed, failed } = await runTests([...new Set(mutants.map(mutant => mutant.test))])
  expect(failed).toEqual([])
  expect(passed).toBeGreaterThan(0)
})

describe('a test fails when', () => {
  // Two at a time: each is a process of its own, whose file of tests keeps one core busy.
  for (const mutant of mutants) {
    test.concurrent(`the code ${mutant.without}`, async ({ skip }) => {
      const { outcome, detail } = await runMutant(mutant)
      if (outcome === 'skipped') skip(detail)
      expect({ outcome, detail }).toMatchObject({ outcome: 'killed' })
    })
  }
})
