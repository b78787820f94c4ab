import { expect, test } from 'vitest'
import { values } from '../src/rules/values.ts'
import { manifest, repositoryOf } from './fixture.ts'

const check = (types: string, code: string): Promise<readonly string[]> =>
  Promise.resolve(
    values.check(
      repositoryOf({
        'packages/frame/package.json': manifest('frame'),
        'packages/frame/dist/index.d.ts': types,
        'packages/frame/dist/index.js': code,
      }),
    ),
  )

const CODE = 'class Frame {}\nconst SIZE = 1\nexport { Frame, SIZE }\n'

test('values that are there, and types that are only types, pass', async () => {
  const types =
    'declare class Frame {}\ndeclare const SIZE = 1\ndeclare class Hidden {}\ninterface Options {}\nexport { Frame, type Hidden, Options, SIZE }\n'
  expect(await check(types, CODE)).toEqual([])
  expect(await check(`${types}type Size = number\nexport type { Size }\n`, CODE)).toEqual([])
})

test('a class that the types promise and the code does not export is found', async () => {
  const types =
    'declare class Frame {}\ndeclare const SIZE = 1\ndeclare class Hidden {}\nexport { Frame, Hidden, SIZE }\n'
  expect(await check(types, CODE)).toEqual([
    '@stt/frame: ./dist/index.d.ts promises the value Hidden, which ./dist/index.js does not export: export it, or as a type only',
  ])
})

test('a value that no type tells of is found', async () => {
  expect(await check('declare class Frame {}\nexport { Frame }\n', CODE)).toEqual([
    '@stt/frame: ./dist/index.js exports SIZE, of which ./dist/index.d.ts knows no value',
  ])
  expect(
    await check('declare class Frame {}\ndeclare const SIZE = 1\nexport { Frame, type SIZE }\n', CODE),
  ).toHaveLength(1)
})

test('a package that is not built is told', async () => {
  const repository = repositoryOf({ 'packages/frame/package.json': manifest('frame') })
  expect(await values.check(repository)).toEqual([expect.stringContaining('is not built')])
})
