import { expect, test } from 'vitest'
import { manifests } from '../src/rules/manifests.ts'
import { manifest, ROOT_MANIFEST, repositoryOf } from './fixture.ts'

const check = (change = {}, files = {}) =>
  manifests.check(
    repositoryOf({
      'package.json': ROOT_MANIFEST,
      'packages/session/package.json': manifest('session', change),
      'packages/session/README.md': '# @stt/session',
      ...files,
    }),
  )

const built = { types: './dist/index.d.ts', default: './dist/index.js' }

test('a manifest that follows the rules', () => {
  expect(check({ dependencies: { '@stt/frame': 'workspace:^', '@noble/hashes': '2.4.0' } })).toEqual([])
})

test.each([
  ['license', { license: 'ISC' }, /license is "ISC"/],
  ['side effects', { sideEffects: true }, /sideEffects is true/],
  ['engines', { engines: { node: '>=18' } }, /engines\.node is ">=18"/],
  ['another name', { name: '@stt/sessions' }, /name is "@stt\/sessions"/],
  ['files', { files: ['dist'] }, /files must list README\.md/],
  [
    'a repository without its folder',
    { repository: { type: 'git', url: 'git+https://git.example/stt.git' } },
    /repository is/,
  ],
  ['a homepage elsewhere', { homepage: 'https://example.org' }, /homepage is/],
  ['no place for bugs', { bugs: undefined }, /bugs is undefined/],
  ['too few keywords', { keywords: ['stt'] }, /keywords must be/],
  ['no build script', { scripts: { test: 'vitest' } }, /no script "build"/],
  ['a main field', { main: './dist/index.js' }, /main is/],
  ['private', { private: true }, /private is true/],
  ['an upward dependency', { dependencies: { '@stt/node': 'workspace:^' } }, /not in a layer above/],
  ['a range', { dependencies: { '@noble/hashes': '^2.4.0' } }, /pin the exact version/],
  ['a fixed workspace version', { dependencies: { '@stt/frame': 'workspace:*' } }, /must be "workspace:\^"/],
  [
    'published exports that differ',
    { publishConfig: { access: 'public', exports: { '.': { ...built, node: './x.js' } } } },
    /publishConfig\.exports/,
  ],
  [
    'types that do not come first',
    orderOf({ '@stt/source': './src/index.ts', default: './dist/index.js', types: './dist/index.d.ts' }),
    /types must come first/,
  ],
  ['the source condition last', orderOf({ ...built, '@stt/source': './src/index.ts' }), /before the built files/],
])('%s', (_name, change, problem) => {
  expect(check(change)).toContainEqual(expect.stringMatching(problem))
})

test('no README', () => {
  const repository = repositoryOf({
    'package.json': ROOT_MANIFEST,
    'packages/session/package.json': manifest('session'),
  })
  expect(manifests.check(repository)).toEqual([expect.stringMatching(/no README/)])
})

function orderOf(conditions: Record<string, string>) {
  const { '@stt/source': _, ...published } = conditions
  return { exports: { '.': conditions }, publishConfig: { access: 'public', exports: { '.': published } } }
}

test('a package of Node alone that does not say so', () => {
  const files = { 'packages/session/src/index.ts': "import { open } from 'node:fs'" }
  expect(check({}, files)).toEqual([expect.stringMatching(/README must begin a line with \*\*Node only\*\*/)])
  expect(
    check({}, { ...files, 'packages/session/README.md': '# @stt/session\n\n**Node only**: it reads files.' }),
  ).toEqual([])
})

test('a package that says it is for Node alone, and is not', () => {
  const readme = '# @stt/session\n\n**Node only**'
  expect(check({}, { 'packages/session/README.md': readme })).toEqual([
    expect.stringMatching(/a page can be made of it/),
  ])
})
