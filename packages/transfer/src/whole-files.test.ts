import { expect, test } from 'vitest'
import { WholeFiles } from './whole-files.ts'

function askedFor(files: WholeFiles, isThere: boolean, count: number): void {
  for (let i = 0; i < count; i++) files.wanted(isThere)
}

test('the first are asked for, and where they are wanted the next come whole', () => {
  const files = new WholeFiles()
  for (let i = 0; i < 64; i++) {
    expect([files.areWorthIt, files.hasRoom]).toEqual([false, true])
    files.asked()
  }
  // Nothing is known yet, so no more is told.
  expect(files.hasRoom).toBe(false)
  askedFor(files, false, 31)
  expect([files.areWorthIt, files.hasRoom]).toEqual([false, false])
  askedFor(files, false, 1)
  expect([files.areWorthIt, files.hasRoom]).toEqual([true, true])
})

test('what is there is asked for, however many those are', () => {
  const files = new WholeFiles()
  for (let i = 0; i < 64; i++) files.asked()
  askedFor(files, true, 1)
  askedFor(files, false, 31)
  expect([files.areWorthIt, files.hasRoom]).toEqual([false, true])
  askedFor(files, true, 1)
  askedFor(files, false, 32)
  expect(files.areWorthIt).toBe(true)
})

test('a file that is refused leaves room for others', () => {
  const files = new WholeFiles()
  for (let i = 0; i < 64; i++) files.asked()
  files.refused(0)
  expect([files.areWorthIt, files.hasRoom]).toEqual([false, true])
})

test('at most a mebibyte waits for its answer, and little more than two are sent in vain', () => {
  const files = new WholeFiles()
  let inVain = 0
  for (let id = 0, round = 0; round < 100; round++) {
    askedFor(files, false, 32)
    const first = id
    while (files.areWorthIt && files.hasRoom) files.sent(id++, 65_536)
    expect(id - first).toBeLessThanOrEqual(16)
    for (let each = first; each < id; each++) files.had(each)
    inVain += (id - first) * 65_536
  }
  expect([inVain, files.areWorthIt]).toEqual([1_048_576, false])
})
