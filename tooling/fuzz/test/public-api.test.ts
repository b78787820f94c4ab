import { expect, test } from 'vitest'
import { covers, exclusions } from '../src/exclusions.ts'
import { loadModules } from '../src/modules.ts'
import { fuzzPackage, fuzzSession } from '../src/run.ts'
import { targetsOf } from '../src/targets.ts'
import { inOwnFolder } from './own-folder.ts'

inOwnFolder()
const modules = await loadModules()

test.each([...modules.keys()])('whatever %s is called with, an error is typed and an answer comes', async name => {
  expect(await fuzzPackage(name, 1, 250)).toEqual([])
})

test.each(['ws://127.0.0.1:0', 'udp://127.0.0.1:0'])('a session over %s survives any call', async address => {
  expect(await fuzzSession(address, 1, 250)).toEqual([])
})

test('an export that nobody has excluded is called', () => {
  const targets = targetsOf('@stt/new', { added: () => {}, Made: class Made {}, MOST: 3, set: { put: () => {} } })
  expect(targets.map(({ name }) => name)).toEqual(['@stt/new added', '@stt/new Made', '@stt/new set.put'])
})

test('whoever is excluded by name is there', () => {
  const names = [...modules].flatMap(([name, module]) => Object.keys(module).map(key => `${name} ${key}`))
  const methodless = Object.keys(exclusions).filter(pattern => !pattern.includes('.'))
  expect(methodless.filter(pattern => !names.some(name => covers(pattern, name)))).toEqual([])
})

test('an error of no type, and a promise that nothing settles, are found', async () => {
  const { ApiFuzz } = await import('../src/api-fuzz.ts')
  const fuzz = new ApiFuzz(below => below - 1, 5)
  fuzz.attempt('bad()', () => {
    throw new TypeError('of internals')
  })
  fuzz.attempt('rejects()', () => Promise.reject(new RangeError('late')))
  fuzz.attempt('hangs()', () => new Promise(() => {}))
  fuzz.attempt('fine()', () => Promise.resolve())
  await fuzz.finish()
  expect(fuzz.problems.map(problem => problem.split(':')[0]).sort()).toEqual(['bad()', 'hangs()', 'rejects()'])
})
