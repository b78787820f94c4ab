import { expect, test } from 'vitest'
import { checkMutants } from '../src/rules/mutants.ts'

const files: Record<string, string> = { 'a.ts': 'one two two', 'a.test.ts': '' }
const read = (path: string): string | undefined => files[path]
const mutant = { without: 'counts', file: 'a.ts', find: 'one', test: 'a.test.ts' }

test('a mutant whose text stands once, and whose test is there, is in order', () => {
  expect(checkMutants([mutant], read)).toEqual([])
})

test('a text that stands nowhere or twice, a missing file and a missing test are told', () => {
  const bad = [
    { ...mutant, find: 'three' },
    { ...mutant, find: 'two' },
    { ...mutant, file: 'b.ts' },
    { ...mutant, test: 'b.test.ts' },
  ]
  const problems = bad.map(each => checkMutants([mutant, each], read).join())
  expect(problems[0]).toContain('stands 0 times in a.ts')
  expect(problems[1]).toContain('stands 2 times in a.ts')
  expect(problems[2]).toContain('there is no b.ts')
  expect(problems[3]).toContain('there is no b.test.ts')
})
