import { expect, test } from 'vitest'
import { withFolders } from '../page/chosen.ts'
import { tooMany } from '../page/few.ts'
import { Latest } from '../page/latest.ts'
import { Refused } from '../page/refused.ts'

test('of files that were not taken all are counted, and the first 20 kept', () => {
  const refused = new Refused()
  for (let i = 0; i < 10_000; i++) refused.add(`${i}`, 'why')
  expect([refused.count, refused.first.length, refused.first[19]]).toEqual([10_000, 20, { path: '19', reason: 'why' }])
})

test('names and reasons of the other side turn no direction of writing', () => {
  const refused = new Refused()
  refused.add('\u202egpj.exe', '\u2066why\u001b')
  expect(refused.first).toEqual([{ path: '\\u{202e}gpj.exe', reason: '\\u{2066}why\\u{1b}' }])
})

test('what is asked for a hundred times meanwhile is done once more, and never twice at once', async () => {
  let [running, most, done] = [0, 0, 0]
  const latest = new Latest(async () => {
    most = Math.max(most, ++running)
    await Promise.resolve()
    running--
    done++
    if (done === 3) throw new Error('it fails')
  })
  await Promise.all(Array.from({ length: 100 }, () => latest.run()))
  expect([done, most]).toEqual([2, 1])
  await expect(latest.run()).rejects.toThrow('it fails')
  await latest.run()
  expect([done, most]).toEqual([4, 1])
})

test('of transfers that ended the latest 20 keep their row, and those that go on all of theirs', () => {
  const rows = Array.from({ length: 50 }, (_, i) => ({ i, isEnded: i % 2 === 0 }))
  expect(tooMany(rows, ({ isEnded }) => isEnded).map(({ i }) => i)).toEqual([40, 42, 44, 46, 48])
})

test('what no other system could name is left out and named; folders come before what is in them, empty ones too', () => {
  const file = new File(['text'], 'a', { lastModified: 5 })
  const { entries, leftOut } = withFolders([
    { path: 'album', file: undefined },
    { path: 'album/deep/a', file },
    { path: 'album/a\u0000b', file },
    { path: 'album/empty', file: undefined },
    { path: 'b', file },
  ])
  expect(entries.map(({ kind, path, size }) => [kind, path, size])).toEqual([
    ['folder', 'album', 0],
    ['folder', 'album/deep', 0],
    ['file', 'album/deep/a', 4],
    ['folder', 'album/empty', 0],
    ['file', 'b', 4],
  ])
  expect(leftOut).toEqual([{ path: 'album/a\u0000b', reason: expect.any(String) }])
})
