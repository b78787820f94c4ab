import { expect, test } from 'vitest'
import { counted, isOrAre } from './plural.ts'

test('one is one, and none and more are many', () => {
  expect([0, 1, 2].map(count => `${counted(count, 'file')} ${isOrAre(count)} here`)).toEqual([
    '0 files are here',
    '1 file is here',
    '2 files are here',
  ])
})
