import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { INDEX_FILE, protocolIndex } from '../src/protocol-index.ts'
import { Repository } from '../src/repository.ts'
import { repositoryOf } from './fixture.ts'

test('docs/protocol-index.md is as the citations are: else npm run index', () => {
  const repository = new Repository(fileURLToPath(new URL('../../..', import.meta.url)).replace(/[\\/]$/, ''))
  expect(repository.read(INDEX_FILE)).toBe(protocolIndex(repository))
})

const rowsOf = (test: string): string[] =>
  protocolIndex(
    repositoryOf({
      'docs/PROTOCOL.md': 'Like **STT-EX-9**.\n\n## 1. Errors (ERR)\n\n**STT-ERR-1** It MUST.\n',
      'packages/errors/src/a.ts': '// spec: STT-ERR-1\n\n// spec: STT-ERR-1\n',
      'packages/errors/src/b.ts': '/** Something. spec: STT-ERR-1 */\n',
      'packages/errors/src/a.test.ts': test,
    }),
  )
    .split('\n')
    .filter(line => line.startsWith('| STT-'))

const CODE = '[errors/src/a.ts](../packages/errors/src/a.ts)<br>[errors/src/b.ts](../packages/errors/src/b.ts)'
const TEST = '[errors/src/a.test.ts](../packages/errors/src/a.test.ts)'

test.each([
  ['before a test', "// spec: STT-ERR-1\ntest('one', () => {})\ntest('two', () => {})\n", ': one'],
  ['inside of one', "test('one', () => {})\ntest('two', () => {\n  // spec: STT-ERR-1\n  check()\n})\n", ': two'],
  [
    'before a table of tests',
    "test('one', () => {})\n// spec: STT-ERR-1\ntest.each([1])('with %s', () => {})\n",
    ': with %s',
  ],
  ['before a group', "// spec: STT-ERR-1\ndescribe('a | b', () => {\n  test('one', () => {})\n})\n", ': a \\| b'],
  ['in a group', "describe('a', () => {\n  // spec: STT-ERR-1\n  test('one', () => {})\n})\n", ': one'],
  ['at public vectors', "// spec: STT-ERR-1\ndescribeVectors('a.json', () => {})\n", ': a.json'],
  ['where no title is written', '// spec: STT-ERR-1\ntest(name, () => {})\n', ''],
])('a citation %s', (_, text, title) => {
  expect(rowsOf(text)).toEqual([`| STT-ERR-1 | ${CODE} | ${TEST}${title} |`])
})
