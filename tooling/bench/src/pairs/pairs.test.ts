import { fileURLToPath, pathToFileURL } from 'node:url'
import { bundledProgram } from '@stt/testing'
import { expect, test } from 'vitest'
import { entryOf, measure } from './measure.ts'
import { pairsTable } from './table.ts'
import { tasksOf } from './tasks.ts'

const SOURCE = fileURLToPath(new URL('../../../../packages/node/src/index.ts', import.meta.url))

test('the ratio is that of pairs, not of medians', () => {
  const row = { task: { name: 'ping', unit: 'µs' }, old: [1000, 3000, 2001], new: [500, 3300, 2101] }
  expect(pairsTable([row]).split('\n')).toEqual([
    '| processor time of both ends | unit | old | new | new ÷ old | min–max |',
    '| --- | --- | ---: | ---: | ---: | ---: |',
    '| ping | µs | 2000 | 2100 | 1.050 | 0.500–1.100 |',
  ])
  expect(() => pairsTable([{ ...row, new: [50] }])).toThrow(RangeError)
})

test.each(['upload, UDP', 'ping, WebSocket', 'handshake, UDP'])('a build does it: %s', async name => {
  const task = tasksOf(0.001).find(each => each.name === name)
  const entry = pathToFileURL(await bundledProgram(SOURCE)).href
  expect(await measure(entry, task!)).toBeGreaterThan(0)
})

test('a checkout that was not built is told', () => {
  expect(() => entryOf(fileURLToPath(new URL('.', import.meta.url)))).toThrow(/whose packages were built/)
})

test('a process that cannot do it ends the run', async () => {
  const [task] = tasksOf(0.001)
  await expect(measure('data:text/javascript,process.exit(3)', task!)).rejects.toThrow('ended with code 3')
})
