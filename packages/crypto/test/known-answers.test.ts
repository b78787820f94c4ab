import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const hasPython = spawnSync('python3', ['--version']).status === 0

test.skipIf(!hasPython)('the known answers are what the second implementation gives (skipped without python3)', () => {
  const { stdout, stderr } = spawnSync('python3', [path('known_answers.py')], { encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(JSON.parse(stdout)).toEqual(JSON.parse(readFileSync(path('known-answers.json'), 'utf8')))
})
